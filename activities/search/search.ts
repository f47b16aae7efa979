import { runInNewContext } from 'node:vm';
import { askProcess } from '../../adapters/limited-process.ts';
import { searches } from './searches.ts';

type Searches = typeof searches;

/** Longest search in ms in which the worker does nothing else; an honest output takes less than one. */
const ownMs = 200;
/** Limits of the process that searches on. */
const bounds = { seconds: 20, memoryMiB: 512 };

/** For messages. */
export const searchLimit = `${bounds.seconds} s`;

/**
 * Searches what a command printed. What takes long, by a pattern for instance, begins anew in a process that is ended.
 * @returns null where the limits did not suffice
 */
export async function search<Name extends keyof Searches>(
  name: Name,
  ...args: Parameters<Searches[Name]>
): Promise<ReturnType<Searches[Name]> | null> {
  const run = searches[name] as (...args: unknown[]) => unknown;
  try {
    return runInNewContext('run()', { run: () => run(...args) }, { timeout: ownMs }) as ReturnType<Searches[Name]>;
  } catch {
    const program = 'activities/search/search-process.mjs';
    return (await askProcess(program, { name, args }, bounds)) as ReturnType<Searches[Name]> | null;
  }
}
