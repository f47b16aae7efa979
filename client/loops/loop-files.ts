import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { cloneRefNames, listRefs } from '../../ledger/refs.ts';
import { removeRefs } from '../../ledger/remove-refs.ts';
import { removeTree } from '../../store/remove-tree.ts';
import type { Plan } from '../../domain/config/plan.ts';

/** The plan of a loop as the data directory has it; null where it has none, or none that can be read. */
export async function readKeptPlan(data: string, loopId: string): Promise<Plan | null> {
  try {
    return JSON.parse(await readFile(join(data, 'loops', encodeURIComponent(loopId), 'plan.json'), 'utf8')) as Plan;
  } catch {
    return null;
  }
}

/** Removes a loop's files, and those of checks of its commits; returns what there was. */
export async function removeLoopFiles(data: string, loopId: string): Promise<string[]> {
  const directories = ['loops', 'checks']
    .map((room) => join(data, room, encodeURIComponent(loopId)))
    .filter(existsSync);
  for (const directory of directories) await discard(data, directory);
  return directories;
}

/** Removes a loop's refs in every clone of the data directory; returns what there was. */
export async function removeCloneRefs(data: string, loopId: string): Promise<string[]> {
  const removed: string[] = [];
  for (const directory of await clonesIn(data)) {
    const names = await removeRefs({ directory }, Object.values(cloneRefNames(loopId)));
    removed.push(...names.map((name) => `${name} of ${directory}`));
  }
  return removed;
}

/** Removes the clones in which no loop has a ref. Not to be called while a worker has the data directory. */
export async function removeUnusedClone(data: string): Promise<string[]> {
  const removed: string[] = [];
  for (const directory of await clonesIn(data)) {
    if ((await listRefs({ directory }, ['refs/karpathy-loop'])).length > 0) continue;
    await discard(data, directory);
    removed.push(directory);
  }
  return removed;
}

async function clonesIn(data: string): Promise<string[]> {
  const names = await readdir(join(data, 'clones')).catch(() => []);
  return names.filter((name) => name.endsWith('.git')).map((name) => join(data, 'clones', name));
}

/** In one move first, so that nobody ever finds the half of it; what a kill leaves goes at the next worker's start. */
async function discard(data: string, path: string): Promise<void> {
  const discarded = join(data, 'removed');
  await mkdir(discarded, { recursive: true, mode: 0o700 });
  const place = join(discarded, randomUUID());
  await rename(path, place);
  await removeTree(place);
}
