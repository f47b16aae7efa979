import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Result } from 'execa';

/** Size limit of a source's standard output, in bytes. */
const maxAnswerBytes = 1_048_576;
const maxErrorChars = 1_000;
/** Wait for open output once the program has ended: a process that left its group could hold the pipe for ever. */
const drainTimeoutMs = 1_000;

interface CommandRequest {
  /** Program and arguments, from the worker's settings. */
  command: readonly string[];
  /** Wall time, in seconds. */
  seconds: number;
  /** Goes to standard input as JSON. */
  brief: unknown;
  signal?: AbortSignal | undefined;
}

/** Text that the program printed, or the problem in one line, then the end of its standard error. */
type CommandAnswer = { text: string } | { problem: string };

/**
 * Runs a program as the person, in a temporary directory, and kills the rest of its process group.
 * @throws the signal's reason when aborted
 */
export async function runCommandSource(request: CommandRequest): Promise<CommandAnswer> {
  request.signal?.throwIfAborted();
  const directory = await mkdtemp(join(tmpdir(), 'karpathy-loop-source-'));
  try {
    return await ask(request, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function ask({ command, seconds, brief, signal }: CommandRequest, directory: string): Promise<CommandAnswer> {
  const [program = '', ...args] = command;
  let errors = '';
  // Detached: a process group of its own, which can be killed whole.
  const child = execa(program, args, {
    ...{ cwd: directory, detached: true, input: JSON.stringify(brief), reject: false, encoding: 'buffer' },
    ...{ stripFinalNewline: false, buffer: { stdout: true, stderr: false }, maxBuffer: { stdout: maxAnswerBytes } },
    ...{ timeout: seconds * 1000, killSignal: 'SIGKILL', ...(signal && { cancelSignal: signal }) },
  });
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-maxErrorChars)));
  // Closed before its end: the answer is too long, and a program that ignores SIGPIPE would go on.
  child.stdout.once('close', () => child.stdout.readableEnded || killGroup(child.pid));
  child.once('exit', () => {
    killGroup(child.pid);
    setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), drainTimeoutMs).unref();
  });
  const result = await child;
  signal?.throwIfAborted();
  const failure = problemOf(result, seconds);
  const text = failure === null ? Buffer.from(result.stdout).toString() : '';
  const problem = failure ?? (text.trim() === '' ? 'printed nothing; let it print one hypothesis as JSON' : null);
  return problem === null ? { text } : { problem: explain(`"${program}" ${problem}`, errors.trim()) };
}

function problemOf(result: Result, seconds: number): string | null {
  const { timedOut, isMaxBuffer, signal, exitCode, code, originalMessage } = result;
  if (timedOut) return `was ended after ${seconds} s; raise its "seconds" in the worker's settings or make it faster`;
  if (isMaxBuffer) return `printed more than ${maxAnswerBytes} bytes; let it print one hypothesis only`;
  if (signal) return `was ended by ${signal}; run it by hand to see why`;
  if (exitCode === undefined)
    return `could not be started (${code ?? originalMessage}); correct its "command" in the worker's settings`;
  return exitCode === 0 ? null : `ended with exit code ${exitCode}; run it by hand to see why`;
}

/** Puts the line that tells most first: a stack trace begins with a place and ends with the runtime's version. */
function explain(ending: string, errors: string): string {
  if (errors === '') return `command source: ${ending}`;
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  const complaint = (lines.find((line) => /^\s*\w*(?:Error|Exception)\b.*:/.test(line)) ?? lines.at(-1)!).trim();
  return `command source: ${complaint} (${ending})${complaint === errors ? '' : `\n${errors}`}`;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}
