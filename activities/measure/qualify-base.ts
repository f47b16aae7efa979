import type { BaseFacts } from './base-facts.ts';
import { checkMeasurables, measureOnce, measureStartUp, type RepeatedResult } from './qualify-benchmark.ts';
import type { StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { checkCounts, explainTests, modesOf, mountedIn, tryTests } from '../suites/qualify-tests.ts';
import type { Mode, TestsFailure } from '../suites/qualify-tests.ts';
import { makeRunnable } from '../trees/runnable.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

type Trial =
  | { kind: 'passed'; facts: Omit<BaseFacts, 'startUp'>; run: RepeatedResult }
  | { kind: 'failed'; of: 'benchmark'; problem: string }
  | TestsFailure;

/**
 * Makes the base ready and runs on it everything that candidates will be judged by.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function qualifyBase(context: StepContext): Promise<BaseFacts> {
  const { loop } = context;
  const { baseSha } = loop.plan;
  const made = await makeRunnable(context, baseSha);
  if (!made.ok) throw refused(`base ${baseSha.slice(0, 10)} cannot be made ready: ${made.detail}`);
  const trial = await firstToPass(modesOf(loop), (mode) => tryMode(context, made.runnable, mode));
  if (trial.kind === 'failed')
    throw refused(trial.of === 'benchmark' ? trial.problem : await explainTests(context, made.runnable, trial));
  const { facts, run } = trial;
  checkCounts(loop, facts);
  const tree = mountedIn(made.runnable, facts);
  await checkMeasurables(context, tree, run);
  return { ...facts, startUp: await measureStartUp(context, tree) };
}

/** Finds the strictest mode in which the base passes. Tries the most lenient second: if that fails, all do. */
async function firstToPass([strictest, ...others]: Mode[], attempt: (mode: Mode) => Promise<Trial>): Promise<Trial> {
  const first = await attempt(strictest!);
  if (first.kind === 'passed') return first;
  const last = await attempt(others.at(-1)!);
  if (last.kind === 'failed') return last;
  for (const mode of others.slice(0, -1)) {
    const trial = await attempt(mode);
    if (trial.kind === 'passed') return trial;
  }
  return last;
}

/** Tests, guard and one benchmark, until one of them fails. */
async function tryMode(context: StepContext, runnable: RunnableTree, mode: Mode): Promise<Trial> {
  const tree = mountedIn(runnable, mode);
  const tested = await tryTests(context, tree);
  if (tested.kind === 'failed') return tested;
  const run = await measureOnce(context, tree);
  if (!run.ok) return { kind: 'failed', of: 'benchmark', problem: run.problem };
  const { metric, cpuMs, wallMs } = run;
  return { kind: 'passed', facts: { ...mode, ...tested.facts, metric, cpuMs, wallMs }, run };
}
