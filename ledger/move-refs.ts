import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchOptions } from '../adapters/git/clone.ts';
import { git, gitBytes, GitFailure, type Clone } from '../adapters/git/command.ts';
import { gitNetwork } from '../adapters/git/network.ts';
import type { NetworkFailure } from '../adapters/git/network-failure.ts';
import { commonDirectory, kindOf } from '../adapters/git/ref-files.ts';
import { isUrl } from '../domain/config/repository.ts';
import type { RefUpdate } from './refs.ts';

/**
 * Moves refs of the repository, all or none, each only from where it is said to be; no hook runs.
 * @throws GitFailure; NetworkFailure of a URL
 */
export async function moveRefs(clone: Clone, repository: string, updates: readonly RefUpdate[]): Promise<void> {
  if (isUrl(repository)) return pushRefs(clone, repository, updates);
  await bringObjects(clone, repository, updates);
  // One transaction. Without --no-deref a branch that is a symbolic ref would let the branch that it names be moved.
  const input = ['start', ...updates.map(toLine), 'prepare', 'commit', ''].join('\n');
  try {
    await gitBytes(repository, ['update-ref', '--no-deref', '--stdin', '-m', 'karpathy-loop'], { input });
  } catch (error) {
    if (error instanceof GitFailure && /\.lock'?: File exists/.test(error.stderr))
      await removeAbandonedLocks(repository, updates);
    throw error;
  }
}

/** Overrides the person's own defaults for pushing. Hooks of the other side run there, as they do for everybody. */
const pushOptions =
  '--atomic --porcelain --progress --no-verify --no-follow-tags --no-signed --recurse-submodules=no'.split(' ');

async function pushRefs(clone: Clone, url: string, updates: readonly RefUpdate[]): Promise<void> {
  const leases = updates.map(({ name, old }) => `--force-with-lease=${name}:${old ?? ''}`);
  const refspecs = updates.map(({ name, new: next }) => `${next ?? ''}:${name}`);
  await gitNetwork(url, ['push', ...pushOptions, ...leases, url, ...refspecs], { clone });
}

/** Tells whether a push failed because another writer was first: by the lease, or by the lock on the other side. */
export function wasRaced({ stderr }: NetworkFailure): boolean {
  return /stale info|incorrect old value|cannot lock ref|failed to update ref|failed to lock|already exists|unable to create '.*\.lock'/i.test(
    stderr,
  );
}

function toLine({ name, old, new: next }: RefUpdate): string {
  if (next === null) return `delete ${name} ${old}`;
  return old === null ? `create ${name} ${next}` : `update ${name} ${next} ${old}`;
}

/** Avoids a push, which would run the repository's hooks and be refused while the branch is checked out. */
async function bringObjects(clone: Clone, repository: string, updates: readonly RefUpdate[]): Promise<void> {
  const added = updates.filter((update) => update.new !== null);
  if (added.length === 0) return;
  // A pack of the new objects costs a third of a fetch. It needs all that the refs lead to: a shallow repository may lack it.
  const shallow = join(await commonDirectory(repository), 'shallow');
  if (added.every(({ old }) => old !== null) && (await kindOf(shallow)) === 'none') {
    const pack = await packOf(clone, added);
    if (pack) return void (await gitBytes(repository, ['unpack-objects', '-q'], { input: pack }));
  }
  const heads = added.flatMap((update) => update.new ?? []);
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
async function removeAbandonedLocks(repository: string, updates: readonly RefUpdate[]): Promise<void> {
  const directory = await commonDirectory(repository);
  for (const { name } of updates) {
    const lock = join(directory, `${name}.lock`);
    const made = await stat(lock).catch(() => null);
    if (made && Date.now() - made.mtimeMs > abandonedAfterMs) await rm(lock, { force: true });
  }
}
