import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { exportTree } from '../../adapters/git/export.ts';
import { treeOf } from '../../adapters/git/trees.ts';
import { makeMountPoint } from '../../adapters/sandbox/bubblewrap/mounts.ts';
import { removeTree } from '../../store/discard.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { checkSha } from '../loop/refusal.ts';
import { buildBase, buildCandidate } from './build.ts';
import type { BuildFailure } from './build-audit.ts';
import { makeOnce } from './make-once.ts';
import { protectedFilesProblem } from './protection.ts';
import { pathsOfTree, treeDirectory, type RunnableTree } from './runnable-tree.ts';
import { makeSetup } from './setup.ts';

export type RunnableResult =
  | { ok: true; runnable: RunnableTree }
  /** `isOfBase`: the base cannot be made ready, by setup or build, which is no fault of the tree. */
  | ({ ok: false; isOfBase?: true } & BuildFailure);

/** Makes a commit or tree runnable on this worker, once: with setup, and built where the loop builds. */
export async function makeRunnable(context: StepContext, treeish: string): Promise<RunnableResult> {
  const { loop } = context;
  checkSha('tree', treeish);
  const tree = await treeOf(loop.clone, treeish);
  const problem = await protectedFilesProblem(loop, tree);
  return problem ? { ok: false, detail: problem } : makeReady(context, tree);
}

/** Makes a tree runnable whose protected files are the loop's own business: checked before, or altered by it. */
export async function makeReady(context: StepContext, tree: string): Promise<RunnableResult> {
  const { loop } = context;
  const setup = await makeSetup(context);
  if ('failure' in setup) return { ok: false, detail: setup.failure, isOfBase: true };
  const { provided } = setup;
  const { exported, built } = pathsOfTree(loop, tree);
  await exportTree(loop.clone, tree, exported);
  for (const { path, host } of provided) {
    const problem = await makeMountPoint(exported, path, host);
    if (problem) return { ok: false, detail: problem };
  }
  const { build, benchmark, sideMetrics } = loop.plan.config;
  const base = await treeOf(loop.clone, loop.plan.baseSha);
  const isRead = [benchmark, ...sideMetrics].some(({ reader }) => reader !== undefined);
  if (tree !== base && (build || isRead)) {
    const made = await makeRunnable(context, base);
    if (!made.ok) return { ok: false, detail: `base: ${made.detail}`, isOfBase: true };
  }
  if (!build) return { ok: true, runnable: { tree: exported, provided } };
  const failure = await makeOnce(context, built, async (held, work): Promise<BuildFailure | null> => {
    const task = { tree, exported, work, provided };
    if (tree !== base) return buildCandidate(held, task);
    const detail = await buildBase(held, task);
    return detail === null ? null : { detail };
  });
  return failure ? { ok: false, ...failure } : { ok: true, runnable: { tree: built, provided } };
}

/**
 * Makes a candidate runnable.
 * @throws ApplicationFailure "BaseFailed", retryable, where its base is at fault: its network may be gone for a while
 */
export async function makeCandidateRunnable(context: StepContext, tree: string): Promise<RunnableResult> {
  const made = await makeRunnable(context, tree);
  if (!made.ok && made.isOfBase) throw ApplicationFailure.retryable(made.detail, 'BaseFailed');
  return made;
}

/** Removes all that was made of trees other than the champion's and the base's. */
export async function keepOnly(loop: OpenLoop, champion: string): Promise<void> {
  const kept = await Promise.all(
    [champion, loop.plan.baseSha].map(async (treeish) => treeDirectory(loop, await treeOf(loop.clone, treeish))),
  );
  const directory = dirname(kept[0]!);
  const made = (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
  await Promise.all(made.filter((one) => !kept.includes(one)).map(removeTree));
}
