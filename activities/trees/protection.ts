import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { changedPaths, listFiles, treeOf, type TreeFile } from '../../adapters/git/trees.ts';
import { shadows, importableNames, type ImportableNames } from '../../domain/protection/readers/shadow.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Returns one line where a tree lacks a protected file of the base, or a new file shadows one; else null. */
export async function protectedFilesProblem(loop: OpenLoop, treeish: string): Promise<string | null> {
  const [base, tree] = await Promise.all([treeOf(loop.clone, loop.plan.baseSha), treeOf(loop.clone, treeish)]);
  if (tree === base) return null;
  return loop.remember(`problem ${base} ${tree}`, async () => {
    if ((await protectedFilesDigest(loop, tree)) !== (await protectedFilesDigest(loop, base)))
      return changedProblem(loop, base, tree);
    const known = new Set((await listFiles(loop.clone, base)).map(({ path }) => path));
    const added = (await listFiles(loop.clone, tree)).filter(({ path }) => !known.has(path));
    if (added.length === 0) return null;
    const importable = await baseImportableNames(loop);
    for (const { path } of added) {
      const before = shadows(path, importable);
      const [file, other] = [path, before].map((one) => JSON.stringify(one));
      if (before) return `file ${file} would be taken for ${other}, which comes from the base; choose another name`;
    }
    return null;
  });
}

/** Digests mode, path and content of all protected files of a tree: equal in every tree that a loop runs. @internal */
export async function protectedFilesDigest(loop: OpenLoop, treeish: string): Promise<string> {
  const tree = await treeOf(loop.clone, treeish);
  return loop.remember(`digest ${tree}`, async () => {
    const protectedFiles = (await protectedAmong(loop, await listFiles(loop.clone, tree))).map(
      ({ mode, path, sha }) => `${mode} ${sha} ${path}\0`,
    );
    return createHash('sha256').update(protectedFiles.sort().join('')).digest('hex');
  });
}

/** Names that no new file may take. */
export async function baseImportableNames(loop: OpenLoop): Promise<ImportableNames> {
  const base = await treeOf(loop.clone, loop.plan.baseSha);
  return loop.remember(`importable ${base}`, async () =>
    importableNames((await protectedAmong(loop, await listFiles(loop.clone, base))).map(({ path }) => path)),
  );
}

/** In parts, so that a large tree does not keep the worker from its other work. */
async function protectedAmong(loop: OpenLoop, files: readonly TreeFile[]): Promise<TreeFile[]> {
  const protectedFiles: TreeFile[] = [];
  for (let at = 0; at < files.length; at += atOnce) {
    if (at > 0) await setImmediate();
    for (const file of files.slice(at, at + atOnce)) if (isProtected(loop, file)) protectedFiles.push(file);
  }
  return protectedFiles;
}

const atOnce = 2_000;

/** Links and submodules are none of a candidate's, wherever they are. */
function isProtected({ isEditable }: OpenLoop, { path, mode }: TreeFile): boolean {
  return !isEditable(path) || !mode.startsWith('100');
}

async function changedProblem(loop: OpenLoop, base: string, tree: string): Promise<string> {
  const all = [...(await listFiles(loop.clone, base)), ...(await listFiles(loop.clone, tree))];
  const protectedFiles = new Set((await protectedAmong(loop, all)).map(({ path }) => path));
  const changed = (await changedPaths(loop.clone, base, tree)).filter((path) => protectedFiles.has(path)).sort();
  const named = changed.slice(0, 3).map((path) => JSON.stringify(path));
  const rest = changed.length - named.length;
  const files = `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return `${files}: not as in the base, from which it comes in every run; begin a new loop to change it`;
}
