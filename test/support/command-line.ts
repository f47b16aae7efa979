import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ownBin = fileURLToPath(new URL('../../client/karpathy-loop.mjs', import.meta.url));

export interface Called {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CallOptions {
  input?: string;
  cwd?: string;
  environment?: Record<string, string>;
  /** Another checkout's. */
  bin?: string;
}

/** Calls the command line as a person or a script does, in a process of its own. */
export function call(args: readonly string[], options: CallOptions = {}): Promise<Called> {
  return begin(args, options).ended;
}

/** The same, still running, so that a test can act on it. */
export function begin(
  args: readonly string[],
  { input = '', cwd, environment = {}, bin = ownBin }: CallOptions = {},
): { process: ChildProcess; ended: Promise<Called>; said: () => string } {
  // This machine's own Temporal must not matter here; an undefined variable is left out.
  const own = { ...process.env, TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined, ...environment };
  const child = spawn(process.execPath, [bin, ...args], { ...(cwd && { cwd }), env: own });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<Called>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return { process: child, ended, said: () => stdout + stderr };
}
