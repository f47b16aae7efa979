import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Most that a source may print on standard output, in bytes. */
export const maxAnswerBytes = 1_048_576;

/** Milliseconds for output still on its way when the program itself has ended; a process that left its group could hold the pipe for ever. */
const drainMs = 1_000;

export interface CommandRequest {
  /** Program and arguments, from the worker's settings. */
  command: readonly string[];
  /** Wall time, in seconds. */
  seconds: number;
  /** Goes to standard input as JSON. */
  brief: unknown;
  signal?: AbortSignal | undefined;
}

/** What the program printed, or in one line why that does not count, with its last words. */
export type CommandAnswer = { text: string } | { problem: string };

/**
 * Asks a program of the person's own: as the person, with their environment, in an empty directory that is removed afterwards.
 * Whatever it started in its process group is killed when it ends. Rejects with the signal's reason when aborted.
 */
export async function runCommandSource({ command, seconds, brief, signal }: CommandRequest): Promise<CommandAnswer> {
  signal?.throwIfAborted();
  const directory = await mkdtemp(join(tmpdir(), 'karpathy-loop-source-'));
  try {
    return await ask({ command, seconds, brief, signal }, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function ask(
  { command: [program = '', ...args], seconds, brief, signal }: CommandRequest,
  directory: string,
): Promise<CommandAnswer> {
  // A group of its own, so that it can be ended whole.
  const child = spawn(program, args, { cwd: directory, detached: true, stdio: 'pipe' });
  let ended = null as string | null;
  const end = (why: string) => {
    ended ??= why;
    killGroup(child);
  };
  const stdout = collect(child, () =>
    end(`printed more than ${maxAnswerBytes} bytes; let it print one hypothesis only`),
  );
  const timer = setTimeout(
    () => end(`was ended after ${seconds} s; raise its "seconds" in the worker's settings or make it faster`),
    seconds * 1000,
  );
  const abort = () => end('aborted');
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  // A program need not read its brief.
  child.stdin.on('error', () => undefined).end(JSON.stringify(brief));
  const exit = await exitOf(child);
  clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  const problem =
    ended ?? exit ?? (stdout.text().trim() === '' ? 'printed nothing; let it print one hypothesis as JSON' : null);
  if (problem === null) return { text: stdout.text() };
  const said = stdout.errors().trim();
  const ending = `"${program}" ${problem}`;
  if (said === '') return { problem: `command source: ${ending}` };
  const complaint = complaintIn(said);
  return { problem: `command source: ${complaint} (${ending})${complaint === said ? '' : `\n${said}`}` };
}

/** The one line that tells most: a stack trace begins with where, and ends with the version of the runtime. */
function complaintIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^\s*\w*(?:Error|Exception)\b.*:/.test(line)) ?? lines.at(-1) ?? '').trim();
}

/** Keeps what is printed up to the limit, and the end of what goes to standard error. */
function collect(child: ChildProcess, onFlood: () => void): { text(): string; errors(): string } {
  const chunks: Buffer[] = [];
  let [size, errors] = [0, ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxAnswerBytes) onFlood();
    else chunks.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-1_000)));
  return { text: () => Buffer.concat(chunks).toString(), errors: () => errors };
}

/** Resolves when the program and its output have ended: null after exit code 0, else what went wrong. */
function exitOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    let result: string | null = null;
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`could not be started (${error.code ?? error.message}); correct its "command" in the worker's settings`),
    );
    child.once('exit', (code, signal) => {
      if (code !== 0)
        result = signal
          ? `was ended by ${signal}; run it by hand to see why`
          : `ended with exit code ${code}; run it by hand to see why`;
      killGroup(child);
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, drainMs).unref();
    });
    child.once('close', () => resolve(result));
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}
