import type { Clone } from '../adapters/git/command.ts';
import { gitNetwork } from '../adapters/git/network.ts';
import type { RefUpdate } from './refs.ts';
import type { NetworkFailure } from '../adapters/git/network-failure.ts';

/** Overrides the person's own defaults for pushing. Hooks of the other side run there, as they do for everybody. */
const pushOptions =
  '--atomic --porcelain --progress --no-verify --no-follow-tags --no-signed --recurse-submodules=no'.split(' ');

/** Moves refs of a repository by URL in one push, all or none, each only from where it is said to be. @throws NetworkFailure */
export async function pushRefs(clone: Clone, url: string, updates: readonly RefUpdate[]): Promise<void> {
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
