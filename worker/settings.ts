import { readFile } from 'node:fs/promises';
import { parseJson } from '../adapters/json-text.ts';
import { parseWorkerSettings, type WorkerSettings } from '../domain/config/worker-settings.ts';

/** Reads a worker's settings file; throws one line per problem. A missing file lets nothing in. */
export async function readSettings(file: string): Promise<WorkerSettings> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '{}';
    throw new Error(`settings: ${file} cannot be read (${code ?? message}); correct its permissions`);
  });
  const json = parseJson(text, file);
  if (!json.ok) throw new Error(`settings ${json.problems.join('\n')}`);
  const parsed = parseWorkerSettings(json.value);
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => `settings ${file}: ${problem}`).join('\n'));
  return parsed.value;
}
