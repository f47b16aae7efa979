import type { Mode } from '../../domain/protection/base-mode.ts';
import type { BaseFacts } from './base-facts.ts';
import type { Measurement } from './execute.ts';
import { explainBenchmark, measureOnce, qualifyBenchmark } from './qualify-benchmark.ts';
import type { StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { beginTests, finishTests, mountedIn } from '../suites/qualify-tests.ts';
import { makeRunnable } from '../trees/runnable.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

/**
 * Makes the base ready and runs on it everything that candidates will be judged by.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function qualifyBase(context: StepContext): Promise<Omit<BaseFacts, 'copyChanges'>> {
  const { baseSha } = context.loop.plan;
  const made = await makeRunnable(context, baseSha);
  if (!made.ok) throw refused(`base ${baseSha.slice(0, 10)} cannot be made ready: ${made.detail}`);
  const { runnable } = made;
  const begun = await beginTests(context, runnable);
  const { mode, run } = await firstBenchmark(context, runnable, begun.mode);
  const tested = await finishTests(context, runnable, { ...begun, mode });
  return { ...tested, ...(await qualifyBenchmark(context, mountedIn(runnable, mode), run)) };
}

/** Measures once; in a copy of the tree where the config leaves the choice and a read-only one does not do. */
async function firstBenchmark(
  context: StepContext,
  runnable: RunnableTree,
  mode: Mode,
): Promise<{ mode: Mode; run: Measurement }> {
  const isOpen = context.loop.plan.config.workspace === 'auto' && mode.workspace === 'readonly';
  const modes = isOpen ? [mode, { ...mode, workspace: 'copy' as const }] : [mode];
  const problems: string[] = [];
  context.say('benchmark, run 1 of 3');
  for (const mode of modes) {
    const run = await measureOnce(context, mountedIn(runnable, mode));
    if (run.ok) return { mode, run };
    problems.push(run.problem);
  }
  const [problem] = problems;
  const unwatched = { ...modes.at(-1)!, exitGuard: false };
  if (!mode.exitGuard || !(await measureOnce(context, mountedIn(runnable, unwatched))).ok)
    throw refused(await explainBenchmark(context, runnable, problem!));
  const fact = 'fails on the base while ends of processes are watched, and passes without';
  throw refused(`benchmark: ${fact}; mend it, or give up this protection with "exitGuard": "off"\n${problem}`);
}
