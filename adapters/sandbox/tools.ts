import { execFileSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { isReachable, isRoot } from './run-user.ts';

/** Shown whole and read-only in every sandbox. */
export const systemDirectories = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

const defaultPath = ['/usr/local/bin', '/usr/bin', '/bin'];

export type Toolchains = ReturnType<typeof findToolchains>;

/** Finds host directories that a sandbox must show for tools, its PATH, and problems. An absolute path may lie in a closed home. */
export function findToolchains(tools: readonly string[]) {
  const found = tools.map((tool) => ({ tool, at: findTool(tool) }));
  const problemOf = ({ tool, at }: { tool: string; at: string }) =>
    tool.startsWith('/') ? [] : reachProblem(tool, at);
  const problems = found.flatMap(({ tool, at }) => (at === null ? [missing(tool)] : problemOf({ tool, at })));
  const usable = found.flatMap(({ tool, at }) => (at !== null && problemOf({ tool, at }).length === 0 ? [at] : []));
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

/** Finds what runs where a tool's name is typed: behind a stand-in of a version manager, the program itself. */
export function findTool(tool: string): string | null {
  if (tool.startsWith('/')) return isExecutable(tool) ? tool : null;
  const at = findOnPath(tool);
  const [, manager] = managers.find(([place]) => at !== null && place.test(at)) ?? [];
  if (at === null || manager === undefined) return at;
  if (!behind.has(at)) behind.set(at, askManager(manager, tool));
  return behind.get(at) ?? at;
}

/** Places of stand-ins, which need a home that runs do not have, and the program that knows what they start. */
const managers: [place: RegExp, manager: string][] = [
  [/\/\.cargo\/bin\/(cargo|rustc|rustdoc|rustfmt|clippy-driver)[^/]*$/, 'rustup'],
  [/\/\.pyenv\/shims\//, 'pyenv'],
  [/\/\.rbenv\/shims\//, 'rbenv'],
  [/\/\.asdf\/shims\//, 'asdf'],
  [/\/mise\/shims\//, 'mise'],
];
const behind = new Map<string, string | null>();

function askManager(manager: string, tool: string): string | null {
  try {
    const answer = execFileSync(manager, ['which', tool], { encoding: 'utf8', timeout: 10_000, stdio: 'pipe' }).trim();
    return isExecutable(answer) ? answer : null;
  } catch {
    return null;
  }
}

/** The flag that lets runs find a tool of this machine; of a closed home by its path, which is the leave for it. */
export function toolFlag(tool: string): string {
  const at = findTool(tool);
  return `--tool ${at !== null && reachProblem(tool, at).length > 0 ? at : tool}`;
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
  const shown = prefixOf(dirname(at));
  const remedy = `let runs see ${shown} read-only with --tool ${at}, or install it for all users (for example below /usr/local)`;
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
