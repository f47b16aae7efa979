import { execa } from 'execa';
import { ownProgram } from './own-files.ts';

interface Bounds {
  seconds: number;
  /** Limit of the heap. */
  memoryMiB: number;
}

/** Longest answer, in bytes. */
const maxAnswer = 1024 * 1024;

/**
 * Asks a program of the loop's own, which reads what others wrote, in a process of bounded memory and time. No thread
 * will do: one that runs out of memory can end the whole process.
 * @param program its path in the checkout; it gets the question as JSON on standard input, and prints the answer as JSON
 * @returns null where the bounds did not suffice
 */
export async function askProcess(program: string, question: object, { seconds, memoryMiB }: Bounds): Promise<unknown> {
  const { file, execArgv, env } = ownProgram(program);
  const { failed, stdout } = await execa(process.execPath, [`--max-old-space-size=${memoryMiB}`, ...execArgv, file], {
    input: JSON.stringify(question),
    env: { PATH: process.env['PATH'], ...env },
    extendEnv: false,
    stderr: 'ignore',
    timeout: seconds * 1_000,
    killSignal: 'SIGKILL',
    maxBuffer: maxAnswer,
    reject: false,
  });
  return failed ? null : (JSON.parse(stdout) as unknown);
}
