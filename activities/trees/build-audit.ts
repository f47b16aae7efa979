import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { shadows, importableNames } from '../../domain/protection/readers/shadow.ts';
import { isSame, leadsInside, walk, type Kind } from './built-tree.ts';
import { baseImportableNames } from './protection.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** A tree before and after its build. */
interface BuiltPair {
  exported: string;
  built: string;
}

/** Says in a line why a build is not taken. `isOfEdit`: it hides from all runs what the hypothesis would commit. */
export interface BuildFailure {
  detail: string;
  isOfEdit?: true;
}

/**
 * Audits a build by a candidate: only files that the base's build changes may differ, and new ones steer nothing.
 * @returns the forbidden thing that the build did; else null
 */
export async function auditBuild(loop: OpenLoop, candidate: BuiltPair, base: BuiltPair): Promise<BuildFailure | null> {
  const [exported, built] = [await walk(candidate.exported), await walk(candidate.built)];
  const [baseExported, baseBuilt] = [await walk(base.exported), await walk(base.built)];
  // The walks follow no link: a folder that became a link has none of its files left.
  const isUntouched = async (path: string, { exported: from, built: to }: BuiltPair, left: TreeKinds) =>
    left.has(path) && (await isSame(join(from, path), join(to, path)));
  const isMadeByBase = async (path: string) =>
    baseExported.has(path) ? !(await isUntouched(path, base, baseBuilt)) : baseBuilt.has(path);
  const refuse = (problem: string, isOfEdit = false): BuildFailure => {
    return { detail: `build: ${problem}`, ...(isOfEdit && { isOfEdit }) };
  };
  for (const path of exported.keys()) {
    if (await isUntouched(path, candidate, built)) continue;
    const isAsInBase = await isSame(join(base.exported, path), join(candidate.exported, path));
    if (isAsInBase && (await isMadeByBase(path))) continue;
    const done = `${built.has(path) ? 'changed' : 'removed'} ${JSON.stringify(path)}`;
    if (isAsInBase) return refuse(`${done}, which comes from the base`);
    return refuse(`${done}, so that no run sees what would be committed there; edit what the build reads`, true);
  }
  const size = await bytesOf(candidate.built, built.keys());
  // Files with holes take no room until something copies them.
  const { scratchMiB } = loop.plan.config.limits;
  if (size > Math.max(maxBytes, scratchMiB * 2 ** 20, 2 * (await bytesOf(base.built, baseBuilt.keys()))))
    return refuse(`left ${Math.round(size / 2 ** 20)} MiB of files by their sizes, holes included; make less`);
  const mayBeNew = await newFileRule(loop, baseExported, baseBuilt);
  for (const [path, kind] of built) {
    const isAsInBase = baseBuilt.has(path) && (await isSame(join(base.built, path), join(candidate.built, path)));
    if (kind === 'special') return { detail: specialAt(path) };
    if (kind === 'link' && !isAsInBase && !(await leadsInside(candidate.built, path)))
      return refuse(`made the link ${JSON.stringify(path)}, which leads out of the tree; make plain files`);
    const problem = exported.has(path) || baseBuilt.has(path) ? null : mayBeNew(path);
    if (problem) return refuse(`made ${JSON.stringify(path)}, ${problem}`);
  }
  return null;
}

/** Finds a special file, which not even the base's build may leave; returns one line, or null. */
export async function specialProblem(built: string): Promise<string | null> {
  const special = [...(await walk(built))].find(([, kind]) => kind === 'special');
  return special ? specialAt(special[0]) : null;
}

function specialAt(path: string): string {
  return `build: made a pipe, device, socket or unreadable directory at ${JSON.stringify(path)}; make plain files`;
}

async function bytesOf(root: string, paths: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += (await lstat(join(root, path))).size;
  return bytes;
}

/** Size of all files of a built tree that is taken in any case. */
const maxBytes = 4 * 2 ** 30;

type TreeKinds = Map<string, Kind>;

/** Allows any name in a directory that the base's build made, such as a cache, unless it shadows another file. */
async function newFileRule(loop: OpenLoop, exported: TreeKinds, built: TreeKinds) {
  const importable = await baseImportableNames(loop);
  const newPaths = [...built.keys()].filter((path) => !exported.has(path));
  const made = importableNames(newPaths);
  const before = directoriesOf(exported.keys());
  const ownDirectories = new Set([...directoriesOf(built.keys())].filter((directory) => !before.has(directory)));
  return (path: string): string | null => {
    const shadowed = shadows(path, importable) ?? shadows(path, made);
    if (shadowed) return `which would be taken for ${JSON.stringify(shadowed)}`;
    const kind = loop.protectedFiles.protection(path);
    return kind && ![...directoriesOf([path])].some((directory) => ownDirectories.has(directory))
      ? `which only the base may have (${kind})`
      : null;
  };
}

function directoriesOf(paths: Iterable<string>): Set<string> {
  const found = new Set<string>();
  for (const path of paths)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) found.add(path.slice(0, at));
  return found;
}
