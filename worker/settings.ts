import { readFile } from 'node:fs/promises';
import { parseWorkerSettings, type WorkerSettings } from '../domain/config/worker-settings.ts';

/** Reads a worker's settings file; throws one line per problem. A missing file lets nothing in. */
export async function readSettings(file: string): Promise<WorkerSettings> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '{}';
    throw new Error(`settings: ${file} cannot be read (${code ?? message}); correct its permissions`);
  });
  const parsed = parseWorkerSettings(parseJson(file, text));
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => `settings ${file}: ${problem}`).join('\n'));
  return parsed.value;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`settings: ${file} is not JSON (${(error as Error).message}); correct it`);
  }
}
