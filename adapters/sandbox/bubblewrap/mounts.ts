import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { lstat, mkdir, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isRoot, type Staging } from '../reachable.ts';
import type { SandboxRequest } from '../contract.ts';

/** Where things of the host are found by the user that bubblewrap runs as. */
export interface Sources {
  tree: string;
  generated: string;
  profile: string | undefined;
  guard: string | undefined;
  /** `caches`: empty directories in it, to be shown writable and fresh. */
  provided: { path: string; host: string; caches: string[] }[];
  readOnly: { path: string; host: string }[];
}

export function placeSources(
  generated: string,
  { tree, provided, readOnlyPaths, profile, guard }: SandboxRequest,
  { place }: Staging,
): Sources {
  return {
    tree: place(tree),
    generated: place(generated),
    profile: profile && place(profile),
    guard: guard && place(guard),
    // Resolved as it was checked.
    provided: provided.map(({ path, host }) => ({ path, host: place(realpathSync(host)), caches: emptyCaches(host) })),
    readOnly: readOnlyPaths.map((path) => ({ path, host: place(path) })),
  };
}

/** Where tools write beside libraries: vite, vitest, and those that use find-cache-dir. */
const toolCaches = ['.vite', '.vite-temp', '.cache'];

/** Makes them in a `node_modules`, so that they can be mounted upon where it is shown read-only; nothing elsewhere, nor where something is there. */
export async function makeToolCaches(directory: string): Promise<void> {
  if (basename(directory) !== 'node_modules' || (await kindOf(directory)) !== 'directory') return;
  for (const cache of toolCaches) if (!(await isThere(join(directory, cache)))) await mkdir(join(directory, cache));
}

/** What is in one was meant to be seen. */
function emptyCaches(directory: string): string[] {
  if (basename(directory) !== 'node_modules') return [];
  return toolCaches.filter((cache) => {
    const place = join(directory, cache);
    return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(place).length === 0;
  });
}

/** What cannot be mounted, one line each: what is absent may come back (`transient`), what the request asks for wrongly fails every time (`permanent`). */
export async function mountProblems(request: SandboxRequest): Promise<{ transient: string[]; permanent: string[] }> {
  const { tree, workspace, provided, readOnlyPaths, profile, guard } = request;
  const needed = [
    tree,
    ...provided.flatMap(({ root, host }) => [root, host]),
    ...readOnlyPaths,
    ...(profile ? [profile] : []),
  ];
  const absent = await Promise.all(
    needed.map(async (path) => ((await kindOf(path)) ? [] : [`sandbox: ${path} does not exist; it was to be mounted`])),
  );
  const wrong = !(await kindOf(tree))
    ? []
    : await Promise.all(provided.map((entry) => providedProblem(tree, workspace, entry)));
  const closed = guard === undefined ? null : await guardProblem(guard);
  return {
    transient: [...new Set([...absent.flat(), ...(closed === null ? [] : [closed])])],
    permanent: wrong.filter((problem) => problem !== null),
  };
}

/**
 * Makes what a provided path is mounted on, an empty file or directory after the kind of what is provided; a no-op where it is there.
 * Nothing is made through a link out of the tree.
 * @param path inside the tree
 * @param host of what is provided
 * @returns null, or one line that says why it cannot be
 */
export async function makeMountPoint(tree: string, path: string, host: string): Promise<string | null> {
  const kind = await kindOf(host);
  if (!kind) return `provided: "${path}" is not there; correct "setup" or "provided"`;
  const problem = await mountPointProblem(tree, path, kind);
  if (problem) return problem;
  const place = resolve(tree, path);
  try {
    await mkdir(kind === 'directory' ? place : dirname(place), { recursive: true });
    if (kind === 'file') await makeFile(place);
    return null;
  } catch (error) {
    return `provided: "${path}" has no place in the tree (${(error as Error).message}); correct "provided"`;
  }
}

/**
 * Whether a path, with every link on the way followed, is the root or lies below it. Of a path that does not exist it is asked of what does.
 * A link that leads nowhere does not stay inside.
 * @param path absolute, or relative to the root
 */
export async function staysInside(root: string, path: string): Promise<boolean> {
  const base = await realpath(root).catch(() => null);
  if (base === null) return false;
  for (let place = resolve(root, path); ; place = dirname(place)) {
    const target = await realpath(place).catch(() => null);
    if (target !== null) return target === base || target.startsWith(`${base}/`);
    if (await isThere(place)) return false;
  }
}

/** Where they lie is nobody's business. */
async function guardProblem(guard: string): Promise<string | null> {
  const found = await stat(guard).catch(() => null);
  if (!found?.isDirectory())
    return 'sandbox: the directory of the guard is not there; correct "guards" in the worker\'s settings';
  return isRoot && (found.mode & 0o005) !== 0o005
    ? 'sandbox: the directory of the guard is closed to the sandbox user; open it and what is in it to others (chmod -R o+rX)'
    : null;
}

/** bubblewrap follows links of the host to what it mounts, so a link that a command left must not name a place of the host. */
async function providedProblem(
  tree: string,
  workspace: SandboxRequest['workspace'],
  { path, host, root }: SandboxRequest['provided'][number],
) {
  if ((await isThere(host)) && !(await staysInside(root, host)))
    return `provided: "${path}" leads out of what setup made by a link; correct "setup" or "provided"`;
  const kind = await kindOf(host);
  if (!kind) return null;
  const problem = await mountPointProblem(tree, path, kind);
  if (problem) return problem;
  return workspace === 'readonly' && !(await kindOf(resolve(tree, path)))
    ? `provided: "${path}" has no mount point in the tree; make one before the run`
    : null;
}

async function mountPointProblem(tree: string, path: string, kind: Kind): Promise<string | null> {
  if (!(await staysInside(tree, path)))
    return `provided: "${path}" leads out of the tree by a link; correct "provided"`;
  const known = await kindOf(resolve(tree, path));
  return known && known !== kind
    ? `provided: "${path}" is a ${kind} as setup made it, and a ${known} in the tree; correct "setup" or "provided"`
    : null;
}

type Kind = 'directory' | 'file';

/** Links followed; null if there is nothing. */
async function kindOf(path: string): Promise<Kind | null> {
  return stat(path).then(
    (found) => (found.isDirectory() ? 'directory' : 'file'),
    () => null,
  );
}

/** Links not followed. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Only afresh, which follows no link. */
async function makeFile(place: string): Promise<void> {
  try {
    await (await open(place, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
