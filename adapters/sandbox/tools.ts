import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { isReachable, isRoot } from './run-user.ts';

/** Shown whole and read-only in every sandbox. */
export const systemDirectories = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

const defaultPath = ['/usr/local/bin', '/usr/bin', '/bin'];

export type Toolchains = ReturnType<typeof findToolchains>;

/** Finds host directories that a sandbox must show for tools, its PATH, and a problem for each tool out of reach. */
export function findToolchains(tools: readonly string[]) {
  const found = tools.map((tool) => ({ tool, at: findOnPath(tool) }));
  const problems = found.flatMap(({ tool, at }) => (at === null ? [missing(tool)] : reachProblem(tool, at)));
  const usable = found.flatMap(({ tool, at }) => (at !== null && reachProblem(tool, at).length === 0 ? [at] : []));
  const places = usable.flatMap((at) => [dirname(at), dirname(realpathSync(at))]);
  const show = outermost(places.filter((place) => !isSystem(place)).map(prefixOf));
  const extra = usable.map((at) => dirname(at)).filter((place) => !defaultPath.includes(place));
  return { show, path: [...new Set([...extra, ...defaultPath])], problems };
}

/** Finds the first executable of this name on a PATH, by default the worker's; null if there is none. */
export function findOnPath(tool: string, path = (process.env.PATH ?? '').split(delimiter)): string | null {
  const directories = path.filter((directory) => directory.startsWith('/'));
  return directories.map((directory) => join(directory, tool)).find(isExecutable) ?? null;
}

/** Tells if a run with these toolchains would find the tool. */
export function isVisible(tool: string, { path, show }: Toolchains): boolean {
  const at = findOnPath(tool, path);
  if (at === null) return false;
  return [...systemDirectories, ...show].some((shown) => isBelow(realpathSync(at), shown));
}

export function missing(tool: string): string {
  return `tools: ${tool}: command not found on this machine; install it, or correct the name`;
}

function reachProblem(tool: string, at: string): string[] {
  const isOpen = (place: string) => isReachable(place) && (!isRoot || (statSync(place).mode & 0o001) !== 0);
  const closed = [at, realpathSync(at)].find((place) => !isSystem(place) && !isOpen(place));
  if (closed === undefined) return [];
  const remedy = 'install it for all users (for example below /usr/local), or run the worker as an ordinary user';
  return [`tools: ${tool} is at ${closed}, which the sandbox user cannot reach; ${remedy}`];
}

const sharedPlaces = ['/home', '/root', '/opt', '/srv', '/mnt', '/var', '/tmp'];

/** Finds the installation of a directory of executables, unless that would show a home directory or more. */
function prefixOf(directory: string): string {
  const prefix = dirname(directory);
  const places = [homedir(), join(homedir(), '.local'), ...sharedPlaces];
  const isPrivate = places.some((place) => isBelow(place, prefix));
  return ['bin', 'sbin', 'shims', '.bin'].includes(basename(directory)) && !isPrivate ? prefix : directory;
}

function isSystem(path: string): boolean {
  return systemDirectories.some((directory) => isBelow(path, directory));
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

function outermost(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && isBelow(path, other)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
