import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';

interface Bounds {
  seconds: number;
  /** Limit of the heap. */
  memoryMiB: number;
}

/** Lets the program import TypeScript, by the product's own settings. */
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const tsconfig = fileURLToPath(new URL('../tsconfig.json', import.meta.url));
/** Longest answer, in bytes. */
const maxAnswer = 1024 * 1024;

/**
 * Asks a program of the loop's own, which reads what others wrote, in a process of bounded memory and time. No thread
 * will do: one that runs out of memory can end the whole process.
 * @param program gets the question as JSON on standard input, and prints the answer as JSON
 * @returns null where the bounds did not suffice
 */
export async function askProcess(program: URL, question: object, { seconds, memoryMiB }: Bounds): Promise<unknown> {
  const { failed, stdout } = await execa(
    process.execPath,
    [`--max-old-space-size=${memoryMiB}`, '--import', loader, fileURLToPath(program)],
    {
      input: JSON.stringify(question),
      env: { PATH: process.env['PATH'], TSX_TSCONFIG_PATH: tsconfig },
      extendEnv: false,
      stderr: 'ignore',
      timeout: seconds * 1_000,
      killSignal: 'SIGKILL',
      maxBuffer: maxAnswer,
      reject: false,
    },
  );
  return failed ? null : (JSON.parse(stdout) as unknown);
}
