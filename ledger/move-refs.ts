import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOptions } from '../adapters/git/clone.ts';
import { git, gitBytes, GitFailure, type Clone } from '../adapters/git/command.ts';
import { commonDirectory, kindOf } from '../adapters/git/ref-files.ts';
import type { RefUpdate } from './refs.ts';

/** Moves refs of a repository on this host, all or none, each only from where it is said to be. None of its hooks runs. @throws GitFailure */
export async function moveRefs(clone: Clone, repository: string, updates: readonly RefUpdate[]): Promise<void> {
  await bringObjects(
    clone,
    repository,
    updates.filter((update) => update.new !== null),
  );
  try {
    await updateRefs(repository, updates.map(toLine));
  } catch (error) {
    if (error instanceof GitFailure && /\.lock'?: File exists/.test(error.stderr)) {
      await removeAbandonedLocks(
        repository,
        updates.map(({ name }) => name),
      );
    }
    throw error;
  }
}

function toLine({ name, old, new: next }: RefUpdate): string {
  if (next === null) return `delete ${name} ${old}`;
  return old === null ? `create ${name} ${next}` : `update ${name} ${next} ${old}`;
}

/** Not by a push, which would run the repository's hooks and be refused while someone looks at the branch. */
async function bringObjects(clone: Clone, repository: string, updates: readonly RefUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  // What its refs lead to the repository has, so that what is new goes over as it is: a third of a fetch, which also asks whether all is there.
  // Not of a shallow one, which may lack what its refs lead to.
  if (
    updates.every(({ old }) => old !== null) &&
    (await kindOf(join(await commonDirectory(repository), 'shallow'))) === 'none'
  ) {
    const added = await packOf(clone, updates);
    if (added) return void (await gitBytes(repository, ['unpack-objects', '-q'], { input: added }));
  }
  await git(repository, [
    'fetch',
    '--quiet',
    ...fetchOptions,
    clone.directory,
    ...updates.flatMap((update) => update.new ?? []),
  ]);
}

/** What the new commits need and the old ones do not; null where the clone has not the old ones. */
async function packOf(clone: Clone, updates: readonly RefUpdate[]): Promise<Buffer | null> {
  const revisions = updates.flatMap(({ old, new: next }) => [`^${old}`, `${next}`]);
  try {
    return await gitBytes(clone, ['pack-objects', '--revs', '--stdout', '-q'], { input: `${revisions.join('\n')}\n` });
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
}

/** A git that was killed leaves its locks behind for good. One that lives holds a ref for milliseconds. In ms. */
const abandonedAfter = 30_000;

/** Of these refs, which are the loop's own; the next try finds the way free. */
async function removeAbandonedLocks(repository: string, names: readonly string[]): Promise<void> {
  const directory = await commonDirectory(repository);
  for (const name of names) {
    const lock = join(directory, `${name}.lock`);
    const made = await stat(lock).catch(() => null);
    if (made && Date.now() - made.mtimeMs > abandonedAfter) await rm(lock, { force: true });
  }
}

/** One transaction. Without --no-deref a branch that is a symbolic ref would let the branch that it names be moved. */
async function updateRefs(repository: string, commands: readonly string[]): Promise<void> {
  const input = ['start', ...commands, 'prepare', 'commit', ''].join('\n');
  await gitBytes(repository, ['update-ref', '--no-deref', '--stdin', '-m', 'karpathy-loop'], { input });
}
