import { gitBytes, type Place } from '../adapters/git/command.ts';
import { discard } from '../store/discard.ts';
import { listClones } from '../store/loop-files.ts';
import { listRefs } from '../adapters/git/refs.ts';
import { cloneRefNames, loopRefs } from './refs.ts';

/** Deletes the refs of these full names, all or none, and returns those that were there. No hook runs. */
export async function removeRefs(place: Place, names: readonly string[]): Promise<string[]> {
  // Git also lists refs below a name, as if it were a directory.
  const found = (await listRefs(place, names)).filter(({ name }) => names.includes(name));
  if (found.length > 0)
    await gitBytes(place, ['update-ref', '--no-deref', '--stdin'], {
      input: found.map(({ name, sha }) => `delete ${name} ${sha}\n`).join(''),
    });
  return found.map(({ name }) => name);
}

/** Removes a loop's refs in every clone of the data directory; returns what there was. */
export async function removeCloneRefs(data: string, loopId: string): Promise<string[]> {
  const removed: string[] = [];
  for (const directory of await listClones(data)) {
    const names = await removeRefs({ directory }, Object.values(cloneRefNames(loopId)));
    removed.push(...names.map((name) => `${name} of ${directory}`));
  }
  return removed;
}

/** Removes the clones in which no loop has a ref. Call it under the worker's lock. */
export async function removeUnusedClones(data: string): Promise<string[]> {
  const removed: string[] = [];
  for (const directory of await listClones(data)) {
    if ((await listRefs({ directory }, [loopRefs])).length > 0) continue;
    await discard(data, directory);
    removed.push(directory);
  }
  return removed;
}
