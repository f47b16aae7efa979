import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { changedPaths, treeOf } from '../../adapters/git/trees.ts';
import { removeTree } from '../../store/discard.ts';
import { auditBuild, specialProblem, type BuiltPair } from './build-audit.ts';
import { copyTree, isSame, replace, touch, walk } from './built-tree.ts';
import { builtList } from './protection.ts';
import { placeOf, type OpenLoop } from '../loop/resources.ts';
import { readJson, uniqueBeside, writeAtomically } from '../../store/files.ts';
import { treePaths } from '../../store/layout.ts';

/** What the base's build does, beside its result. */
interface OwnBuild {
  /** Files of the base that it changes or removes. */
  changed: string[];
  /** Whether it can be run again over its own result, so that candidates may start from there. */
  repeatable: boolean;
}

/** Runs the build in a directory; returns why it failed, or null. */
export type Run = (work: string) => Promise<string | null>;

/** The base is built from its bare export; what its build does is noted, for the audit of candidates. */
export async function buildBase(
  loop: OpenLoop,
  { exported }: BuiltPair,
  work: string,
  run: Run,
): Promise<string | null> {
  await cp(exported, work, { recursive: true, verbatimSymlinks: true });
  const failure = (await run(work)) ?? (await specialProblem(work));
  if (failure) return failure;
  const changed: string[] = [];
  const left = await walk(work);
  for (const path of (await walk(exported)).keys())
    if (!left.has(path) || !(await isSame(join(exported, path), join(work, path)))) changed.push(path);
  const repeatable = await isRepeatable(exported, work, changed, run);
  const { ownBuild } = treePaths(dirname(exported));
  await writeAtomically(ownBuild, JSON.stringify({ changed, repeatable } satisfies OwnBuild));
  return null;
}

/**
 * A candidate is built from the base's result, if that can be built upon: caches are the base's, and never another candidate's.
 * Then what it left is looked through: a build runs code of the candidate over the protected files.
 */
export async function buildCandidate(
  loop: OpenLoop,
  tree: string,
  { exported }: BuiltPair,
  work: string,
  run: Run,
): Promise<string | null> {
  const baseTree = await treeOf(loop.clone, loop.plan.baseSha);
  const base = treePaths(placeOf(loop, baseTree));
  const own = await readJson<OwnBuild>(base.ownBuild);
  if (own?.repeatable) {
    await copyTree(base.built, work);
    for (const path of new Set([...own.changed, ...(await changedPaths(loop.clone, baseTree, tree))]))
      await replace(exported, work, path);
  } else await cp(exported, work, { recursive: true, verbatimSymlinks: true });
  const failure = await run(work);
  if (failure) return failure;
  const { problem, watched } = await auditBuild(loop, { exported, built: work }, base);
  if (problem) return problem;
  await writeAtomically(builtList(loop, tree), JSON.stringify(watched));
  return null;
}

/** Some builds fail over their own result (`mkdir out`) or nest it (`cp -r src out`): tried once, with every source as if just written. */
async function isRepeatable(exported: string, built: string, changed: readonly string[], run: Run): Promise<boolean> {
  const again = uniqueBeside(built);
  try {
    await copyTree(built, again);
    for (const path of changed) await replace(exported, again, path);
    await touch(again, (await walk(exported)).keys());
    if ((await run(again)) !== null) return false;
    const [first, second] = [await walk(built), await walk(again)];
    return first.size === second.size && [...first.keys()].every((path) => second.has(path));
  } finally {
    await removeTree(again);
  }
}
