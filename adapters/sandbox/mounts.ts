import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Staging } from './reachable.ts';
import type { SandboxRequest } from './run.ts';

/** Where things of the host are found by the user that bubblewrap runs as. */
export interface Sources {
  tree: string;
  generated: string;
  profile: string | undefined;
  provided: { path: string; host: string }[];
  readOnly: { path: string; host: string }[];
}

export function placeSources(generated: string, { tree, provided, readOnlyPaths, profile }: SandboxRequest, { place }: Staging): Sources {
  return {
    tree: place(tree),
    generated: place(generated),
    profile: profile && place(profile),
    provided: provided.map(({ path, host }) => ({ path, host: place(host) })),
    readOnly: readOnlyPaths.map((path) => ({ path, host: place(path) })),
  };
}

/** What cannot be mounted, one line each. */
export async function mountProblems({ tree, provided, readOnlyPaths, profile }: SandboxRequest): Promise<string[]> {
  const needed = [tree, ...provided.map(({ host }) => host), ...readOnlyPaths, ...(profile ? [profile] : [])];
  const absent = await Promise.all(needed.map(async (path) => ((await exists(path)) ? [] : [`sandbox: ${path} does not exist; it was to be mounted`])));
  if (absent.flat().length > 0) return absent.flat();
  const root = await realpath(tree);
  const stray = await Promise.all(
    provided.map(async ({ path }) => ((await staysInside(root, path)) ? [] : [`provided: "${path}" leads out of the tree by a link; correct "provided"`])),
  );
  return stray.flat();
}

/** A mount must not follow a link that an earlier command left in the tree, nor make its mount point elsewhere. */
async function staysInside(root: string, path: string): Promise<boolean> {
  for (let place = join(root, path); place !== root; place = dirname(place)) {
    const target = await realpath(place).catch(() => null);
    if (target !== null) return target === root || target.startsWith(`${root}/`);
  }
  return true;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
