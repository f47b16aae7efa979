import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { lstat, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isRoot } from '../run-user.ts';
import type { ProfileRequest, SandboxRequest } from '../contract.ts';
import type { Staging } from './staging.ts';

/** Places of a profile and of what makes it, in a run. */
export const profileMounts = { profile: '/profile', tools: '/profiler' } as const;

/** Returns the variables that profilers need, by the places of both in the run. */
export function profileEnvironment(
  { environment }: ProfileRequest,
  { profile, tools }: { profile: string; tools: string },
): Record<string, string> {
  const placed = Object.entries(environment).map(([name, value]) => [name, value.replaceAll('{tools}', tools)]);
  return { KARPATHY_LOOP_PROFILE: profile, ...(Object.fromEntries(placed) as Record<string, string>) };
}

export type Sources = ReturnType<typeof placeSources>;

/** Returns paths of the host as the user of runs can name them. */
export function placeSources(generated: string, request: SandboxRequest, show: string[], { place }: Staging) {
  const { tree, provided, readOnlyPaths, profile, guard } = request;
  return {
    tree: place(tree),
    generated: place(generated),
    profile: profile && { directory: place(profile.directory), tools: place(profile.tools) },
    guard: guard && place(guard),
    // Follows links, as the check did.
    provided: provided.map(({ path, host }) => ({ path, host: place(realpathSync(host)), caches: emptyCaches(host) })),
    toolchains: show.map((path) => ({ path, host: place(path) })),
    readOnly: readOnlyPaths.map((path) => ({ path, host: place(path) })),
  };
}

/** Directories of `node_modules` that tools write to: vite, vitest, and users of find-cache-dir. */
const toolCaches = ['.vite', '.vite-temp', '.cache'];

/** Makes them in a `node_modules` where they are absent, as mount points in one that is shown read-only. */
export async function makeToolCaches(directory: string): Promise<void> {
  if (basename(directory) !== 'node_modules' || (await kindOf(directory)) !== 'directory') return;
  for (const cache of toolCaches) if (!(await isThere(join(directory, cache)))) await mkdir(join(directory, cache));
}

/** Lists the empty ones, to be shown writable and fresh: the content of others was meant to be seen. */
function emptyCaches(directory: string): string[] {
  if (basename(directory) !== 'node_modules') return [];
  return toolCaches.filter((cache) => {
    const place = join(directory, cache);
    return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(place).length === 0;
  });
}

/** Lists problems of mounts, one line each: absent things (`transient`) and wrong requests (`permanent`). */
export async function mountProblems(request: SandboxRequest): Promise<{ transient: string[]; permanent: string[] }> {
  const { tree, provided, readOnlyPaths, profile, guard } = request;
  const needed = [tree, ...provided.flatMap(({ root, host }) => [root, host]), ...readOnlyPaths];
  if (profile) needed.push(profile.directory, profile.tools);
  const absence = async (path: string) =>
    (await kindOf(path)) ? null : `sandbox: ${path} does not exist; it was to be mounted`;
  const absent = [...(await Promise.all(needed.map(absence))), guard === undefined ? null : await guardProblem(guard)];
  const hasTree = (await kindOf(tree)) !== null;
  const wrong = await Promise.all(hasTree ? provided.map((entry) => providedProblem(request, entry)) : []);
  return {
    transient: [...new Set(absent.filter((problem) => problem !== null))],
    permanent: wrong.filter((problem) => problem !== null),
  };
}

/** Makes an empty file or directory in the tree, to mount `host` on. Returns null, or the problem in one line. */
export async function makeMountPoint(tree: string, path: string, host: string): Promise<string | null> {
  const kind = await kindOf(host);
  if (!kind) return `provided: "${path}" is not there; correct "setup" or "provided"`;
  const problem = await mountPointProblem(tree, path, kind);
  if (problem) return problem;
  const place = resolve(tree, path);
  try {
    await mkdir(kind === 'directory' ? place : dirname(place), { recursive: true });
    if (kind === 'file' && !(await isThere(place))) await writeFile(place, '', { flag: 'wx' });
    return null;
  } catch (error) {
    return `provided: "${path}" has no place in the tree (${(error as Error).message}); correct "provided"`;
  }
}

/** Tells if a path, with links followed, is or lies below the root; for an absent path, its nearest parent counts. */
export async function staysInside(root: string, path: string): Promise<boolean> {
  const base = await realpath(root).catch(() => null);
  if (base === null) return false;
  for (let place = resolve(root, path); ; place = dirname(place)) {
    const target = await realpath(place).catch(() => null);
    if (target !== null) return target === base || target.startsWith(`${base}/`);
    // Refuses a link that leads nowhere.
    if (await isThere(place)) return false;
  }
}

/** Does not name the directory: held-out tests stay unknown. */
async function guardProblem(guard: string): Promise<string | null> {
  const found = await stat(guard).catch(() => null);
  if (!found?.isDirectory())
    return 'sandbox: the directory of the guard is not there; correct "guards" in the worker\'s settings';
  if (!isRoot || (found.mode & 0o005) === 0o005) return null;
  const remedy = 'open it and what is in it to others (chmod -R o+rX)';
  return `sandbox: the directory of the guard is closed to the sandbox user; ${remedy}`;
}

/** Refuses links out of `root`: bubblewrap follows them, and a command may have left one to a place of the host. */
async function providedProblem(
  { tree, workspace }: SandboxRequest,
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

/** Follows links; null if there is nothing. */
async function kindOf(path: string): Promise<Kind | null> {
  const found = await stat(path).catch(() => null);
  return found && (found.isDirectory() ? 'directory' : 'file');
}

/** Follows no link. */
async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
