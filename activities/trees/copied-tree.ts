import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { treeOf } from '../../adapters/git/trees.ts';
import type { SandboxRequest, SandboxResult } from '../../adapters/sandbox/contract.ts';
import { protectedKind } from '../../domain/protection/protected-kinds.ts';
import { shadows } from '../../domain/protection/readers/shadow.ts';
import { baseImportableNames } from './protection.ts';
import { digest, type OpenLoop } from '../loop/open-loop.ts';
import { treeDirectory } from './runnable-tree.ts';
import { exists, readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';

/** Changes that runs of the base make to their copies of the tree. */
export interface CopyChanges {
  /** Files and directories of the tree that were changed or removed. */
  touched: string[];
  /** New names in directories of the tree, without what is random in them. */
  made: string[];
}

/** Rejects a run that changed protected files of its copy, or made steering ones, which the base's runs leave alone. */
export async function copyProblem(
  loop: OpenLoop,
  { tree, provided }: Pick<SandboxRequest, 'tree' | 'provided'>,
  left: SandboxResult['left'],
): Promise<string | null> {
  if (left === null) return 'what it did to its copy of the tree could not be seen';
  const { base, file } = await placesOf(loop);
  const known = (await readJson<CopyChanges>(file)) ?? { touched: [], made: [] };
  const found = await compare(tree, new Set(provided.map(({ path }) => join('.', path))), left);
  const [before, shapes] = [new Set(known.touched), new Set(known.made)];
  const extra = {
    touched: found.touched.filter((path) => !before.has(path)),
    made: found.made.filter((path) => !shapes.has(shapeOf(path))),
  };
  if (tree.startsWith(base + sep)) {
    const touched = [...known.touched, ...extra.touched];
    const made = [...known.made, ...extra.made.map(shapeOf)];
    if (extra.touched.length + extra.made.length > 0) await writeAtomically(file, JSON.stringify({ touched, made }));
    return null;
  }
  const protectedFiles = found.files.filter((path) => !loop.isEditable(path));
  const touched = extra.touched.find(
    (path) => !found.directories.has(path) || protectedFiles.some((file) => file.startsWith(`${path}/`)),
  );
  if (touched !== undefined)
    return `changed ${JSON.stringify(touched)} in its copy of the tree, which runs of the base leave as it is`;
  const importable = await baseImportableNames(loop);
  const steering = extra.made.find(
    (path) => protectedKind(path.slice(path.lastIndexOf('/') + 1)) !== null || shadows(path, importable) !== null,
  );
  return steering === undefined
    ? null
    : `made ${JSON.stringify(steering)} in its copy of the tree, which runs of the base do not`;
}

/** Returns what runs of the base made to their copies so far; null where nothing is known. */
export async function readCopyChanges(loop: OpenLoop): Promise<CopyChanges | null> {
  return readJson<CopyChanges>((await placesOf(loop)).file);
}

/** Keeps what another loop's runs of the same base made to their copies, for a loop that has run none. */
export async function takeCopyChanges(loop: OpenLoop, changes: CopyChanges): Promise<void> {
  const { file } = await placesOf(loop);
  if (!(await exists(file))) await writeAtomically(file, JSON.stringify(changes));
}

/** Tells if a tree is made of the base: what is wrong with it is no candidate's doing. */
export async function isOfBase(loop: OpenLoop, tree: string): Promise<boolean> {
  return tree.startsWith((await placesOf(loop)).base + sep);
}

/** Finds the directory of the base's tree, and the file of what its runs make to copies. */
async function placesOf(loop: OpenLoop): Promise<{ base: string; file: string }> {
  const base = treeDirectory(loop, await treeOf(loop.clone, loop.plan.baseSha));
  return { base, file: loopPaths(loop.directory).baseWritten(digest(base)) };
}

/** A tree as it was, and what became of it. New directories are not gone into. */
async function compare(tree: string, provided: ReadonlySet<string>, left: NonNullable<SandboxResult['left']>) {
  const [files, directories] = [[] as string[], new Set<string>()];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(join(tree, directory), { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (provided.has(path)) continue;
      if (!entry.isDirectory()) files.push(path);
      else {
        directories.add(path);
        await visit(path);
      }
    }
  };
  await visit('');
  const isOf = new Set([...files, ...directories]);
  const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const isBelow = (path: string) => parentOf(path) === '' || directories.has(parentOf(path));
  return {
    files,
    directories,
    touched: [...isOf].filter((path) => left.get(path) !== 'same'),
    made: [...left.keys()].filter((path) => !isOf.has(path) && !provided.has(path) && isBelow(path)),
  };
}

/** Names of temporary files differ from run to run. */
function shapeOf(path: string): string {
  return path.replace(/[A-Za-z0-9]{6,}(?=[^/]*$)|\d+(?=[^/]*$)/g, '#');
}
