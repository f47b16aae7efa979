import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { git, type Clone } from './command.ts';

/** Besides what the last packing left. */
const maxLoose = 4_000;
const maxPacks = 20;

/** Objects that packing left loose, by clone: no ref leads to candidates that were not committed. */
const left = new Map<string, number>();

/** Tells whether a worker's clone has so many loose objects that packing pays. Starts no process. */
export async function isToBePacked({ directory }: Clone): Promise<boolean> {
  return (await looseObjects(directory)) > (left.get(directory) ?? 0) + maxLoose;
}

/** Packs what the refs of a worker's clone lead to. Nothing is lost, whatever else works in the clone meanwhile. */
export async function pack(clone: Clone): Promise<void> {
  const packs = (await readdir(join(clone.directory, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
  await git(clone, ['repack', '-d', '-l', '-q', ...(packs.length > maxPacks ? ['-A'] : [])]);
  left.set(clone.directory, await looseObjects(clone.directory));
}

/** Git's own estimate: ids are spread evenly over 256 directories. */
async function looseObjects(directory: string): Promise<number> {
  return 256 * (await readdir(join(directory, 'objects', '17')).catch(() => [])).length;
}
