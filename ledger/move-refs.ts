import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOptions } from '../adapters/git/clone.ts';
import { git, gitBytes, GitFailure, type Clone } from '../adapters/git/command.ts';
import { commonDirectory, kindOf } from '../adapters/git/ref-files.ts';
import type { RefUpdate } from './refs.ts';

/** Moves refs of a repository on this host, all or none, each only from where it is said to be. None of its hooks runs. @throws GitFailure */
export async function moveRefs(clone: Clone, repository: string, updates: readonly RefUpdate[]): Promise<void> {
  const added = updates.filter((update) => update.new !== null);
  await bringObjects(clone, repository, added);
  try {
    await updateRefs(repository, updates.map(toLine));
  } catch (error) {
    if (error instanceof GitFailure && /\.lock'?: File exists/.test(error.stderr)) {
      const names = updates.map(({ name }) => name);
      await removeAbandonedLocks(repository, names);
    }
    throw error;
  }
}

function toLine({ name, old, new: next }: RefUpdate): string {
  if (next === null) return `delete ${name} ${old}`;
  return old === null ? `create ${name} ${next}` : `update ${name} ${next} ${old}`;
}

/** Avoids a push, which would run the repository's hooks and be refused while the branch is checked out. */
async function bringObjects(clone: Clone, repository: string, updates: readonly RefUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  // The repository has all that its refs lead to, so a pack of the new objects is enough. It costs a third of a fetch.
  // A shallow repository may lack them.
  if (
    updates.every(({ old }) => old !== null) &&
    (await kindOf(join(await commonDirectory(repository), 'shallow'))) === 'none'
  ) {
    const added = await packOf(clone, updates);
    if (added) return void (await gitBytes(repository, ['unpack-objects', '-q'], { input: added }));
  }
  const heads = updates.flatMap((update) => update.new ?? []);
  await git(repository, ['fetch', '--quiet', ...fetchOptions, clone.directory, ...heads]);
}

/** Packs what the new commits need and the old ones do not; null where the clone lacks the old ones. */
async function packOf(clone: Clone, updates: readonly RefUpdate[]): Promise<Buffer | null> {
  const revisions = updates.flatMap(({ old, new: next }) => [`^${old}`, `${next}`]);
  try {
    return await gitBytes(clone, ['pack-objects', '--revs', '--stdout', '-q'], { input: `${revisions.join('\n')}\n` });
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
}

/** A killed git leaves its locks behind for good; a living one holds a ref for milliseconds. */
const abandonedAfterMs = 30_000;

/** Frees the loop's own refs for the next try. */
async function removeAbandonedLocks(repository: string, names: readonly string[]): Promise<void> {
  const directory = await commonDirectory(repository);
  for (const name of names) {
    const lock = join(directory, `${name}.lock`);
    const made = await stat(lock).catch(() => null);
    if (made && Date.now() - made.mtimeMs > abandonedAfterMs) await rm(lock, { force: true });
  }
}

/** One transaction. Without --no-deref a branch that is a symbolic ref would let the branch that it names be moved. */
async function updateRefs(repository: string, commands: readonly string[]): Promise<void> {
  const input = ['start', ...commands, 'prepare', 'commit', ''].join('\n');
  await gitBytes(repository, ['update-ref', '--no-deref', '--stdin', '-m', 'karpathy-loop'], { input });
}
