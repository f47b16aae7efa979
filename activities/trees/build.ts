import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { changedPaths, treeOf } from '../../adapters/git/trees.ts';
import { removeTree } from '../../store/discard.ts';
import { readJson, uniqueBeside, writeAtomically } from '../../store/files.ts';
import type { HeldContext } from '../loop/context.ts';
import { execute, explainRun } from '../measure/execute.ts';
import { auditBuild, specialProblem, type BuildFailure } from './build-audit.ts';
import { copyTree, isSame, replace, touch, walk } from './built-tree.ts';
import { pathsOfTree, type RunnableTree } from './runnable-tree.ts';

/** A tree to be built. */
interface BuildTask {
  tree: string;
  /** Directory of its files as in git. */
  exported: string;
  /** Directory that it is built in; not there yet. */
  work: string;
  provided: RunnableTree['provided'];
}

/** Effects of the base's build, beside its result. */
interface BaseBuild {
  /** Files of the base that it changes or removes. */
  changed: string[];
  /** Set if it can run over its own result, so that candidates may start from there. */
  repeatable: boolean;
  /** Wall time of the build over its own result, as a candidate's is. */
  seconds: number;
}

/**
 * Builds the base from its bare export, and notes the effects of its build for the audit of candidates.
 * @returns why it failed, or null
 */
export async function buildBase(context: HeldContext, task: BuildTask): Promise<string | null> {
  const { tree, exported, work } = task;
  await cp(exported, work, { recursive: true, verbatimSymlinks: true });
  const failure = (await runBuild(context, task)) ?? (await specialProblem(work));
  if (failure) return failure;
  const changed: string[] = [];
  const left = await walk(work);
  for (const path of (await walk(exported)).keys())
    if (!left.has(path) || !(await isSame(join(exported, path), join(work, path)))) changed.push(path);
  const began = performance.now();
  const repeatable = await isRepeatable(context, task, changed);
  const noted: BaseBuild = { changed, repeatable, seconds: Math.round(performance.now() - began) / 1000 };
  await writeAtomically(pathsOfTree(context.loop, tree).ownBuild, JSON.stringify(noted));
  return null;
}

/**
 * Builds a candidate from the base's result where possible, never from another candidate's. Then audits the result.
 * @returns why it failed, or null
 */
export async function buildCandidate(context: HeldContext, task: BuildTask): Promise<BuildFailure | null> {
  const { loop } = context;
  const { tree, exported, work } = task;
  const baseTree = await treeOf(loop.clone, loop.plan.baseSha);
  const base = pathsOfTree(loop, baseTree);
  const baseBuild = await readJson<BaseBuild>(base.ownBuild);
  if (baseBuild?.repeatable) {
    await copyTree(base.built, work);
    for (const path of new Set([...baseBuild.changed, ...(await changedPaths(loop.clone, baseTree, tree))]))
      await replace(exported, work, path);
  } else await cp(exported, work, { recursive: true, verbatimSymlinks: true });
  const failure = await runBuild(context, task);
  if (failure) return { detail: failure };
  return auditBuild(loop, { exported, built: work }, base);
}

async function runBuild(context: HeldContext, { work, provided }: BuildTask): Promise<string | null> {
  const { build: command, limits, seed: benchSeed } = context.loop.plan.config;
  context.say('build');
  const request = { command: command!, tree: work, workspace: 'writable', provided } as const;
  const result = await execute(context, { ...request, seconds: limits.testSeconds, benchSeed });
  return result.status === 'ok' ? null : explainRun('build', result);
}

/** Tries the build over its own result, all sources touched: some fail (`mkdir out`) or nest it (`cp -r src out`). */
async function isRepeatable(context: HeldContext, task: BuildTask, changed: readonly string[]): Promise<boolean> {
  const { exported, work: built } = task;
  const again = uniqueBeside(built);
  try {
    await copyTree(built, again);
    for (const path of changed) await replace(exported, again, path);
    await touch(again, (await walk(exported)).keys());
    if ((await runBuild(context, { ...task, work: again })) !== null) return false;
    const [first, second] = [await walk(built), await walk(again)];
    return first.size === second.size && [...first.keys()].every((path) => second.has(path));
  } finally {
    await removeTree(again);
  }
}
