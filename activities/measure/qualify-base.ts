import type { Workspace } from '../../domain/protection/workspace.ts';
import type { BaseFacts } from './base-facts.ts';
import type { Measurement } from './execute.ts';
import { explainBenchmark, measureOnce, qualifyBenchmark } from './qualify-benchmark.ts';
import type { StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { beginTests, finishTests } from '../suites/qualify-tests.ts';
import { hintsFor } from '../trees/hints.ts';
import { makeRunnable } from '../trees/runnable.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

/**
 * Makes the base ready and runs on it everything that candidates will be judged by.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function qualifyBase(context: StepContext): Promise<Omit<BaseFacts, 'copyChanges'>> {
  const { baseSha } = context.loop.plan;
  const made = await makeRunnable(context, baseSha);
  if (!made.ok) {
    const hints = await hintsFor(context.loop, made.detail.split(':')[0]!, null, made.detail);
    throw refused([...hints, `base ${baseSha.slice(0, 10)} cannot be made ready: ${made.detail}`].join('\n'));
  }
  const { runnable } = made;
  const begun = await beginTests(context, runnable);
  const { workspace, run } = await firstBenchmark(context, runnable, begun.workspace);
  const tested = await finishTests(context, runnable, { ...begun, workspace });
  return { ...tested, ...(await qualifyBenchmark(context, { ...runnable, workspace }, run)) };
}

/** Measures once; in a copy of the tree where the config leaves the choice and a read-only one does not do. */
async function firstBenchmark(
  context: StepContext,
  runnable: RunnableTree,
  begun: Workspace,
): Promise<{ workspace: Workspace; run: Measurement }> {
  const isOpen = context.loop.plan.config.workspace === 'auto' && begun === 'readonly';
  const problems: string[] = [];
  context.say('benchmark, run 1 of 3');
  for (const workspace of isOpen ? [begun, 'copy' as const] : [begun]) {
    const run = await measureOnce(context, { ...runnable, workspace });
    if (run.ok) return { workspace, run };
    problems.push(run.problem);
  }
  throw refused(await explainBenchmark(context, runnable, problems[0]!));
}
