import { isFixedTime, type BenchmarkFacts, type RunTimes } from '../../domain/benchmark/facts.ts';
import { timeoutRemedy } from '../../domain/benchmark/findings.ts';
import { harnessOf } from '../../domain/benchmark/harness.ts';
import { scaleProblem } from '../../domain/benchmark/scale.ts';
import { toLine } from '../../domain/text.ts';
import type { BaseFacts } from './base-facts.ts';
import { readCommand } from './command-texts.ts';
import {
  tooLong,
  measure,
  sideMetric,
  theBenchmark,
  type Measurable,
  type Measurement,
  type MeasureOptions,
  type MeasureResult,
} from './execute.ts';
import { measureStartUp } from './start-up.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import { hintsFor } from '../trees/hints.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';

/** Runs the benchmark once. @param options default: the loop's benchmark, with the seed of its config */
export function measureOnce(
  context: StepContext,
  tree: MountedTree,
  options: Partial<MeasureOptions> = {},
): Promise<MeasureResult> {
  const { seed } = context.loop.plan.config;
  return exclusively(context, (held) => measure(held, tree, { benchSeed: seed, ...options }));
}

/** Adds to a problem of the benchmark on the base what to do about a run that is too long. */
export async function explainBenchmark(context: StepContext, tree: RunnableTree, problem: string): Promise<string> {
  const [fact = '', ...rest] = problem.split('\n');
  if (!fact.includes(tooLong))
    return [...(await hintsFor(context.loop, 'benchmark', tree, problem)), problem].join('\n');
  const { compiling } = await readCommand(context, tree);
  return [`${fact}; ${timeoutRemedy('benchmark', compiling['benchmark'])}`, ...rest].join('\n');
}

/**
 * Learns the rest in two more runs: one with the same seed, at half speed for the loop's clock, one without.
 * @throws ApplicationFailure "Refused" where what should repeat does not
 */
export async function qualifyBenchmark(
  context: StepContext,
  tree: MountedTree,
  first: Measurement,
): Promise<BenchmarkFacts & Pick<BaseFacts, 'unseeded' | 'unseededOutput'>> {
  const { config } = context.loop.plan;
  const what = theBenchmark(context.loop);
  const slowed = what.noise === 'measured' && config.benchmark.clock !== 'none';
  context.say('benchmark, run 2 of 3');
  const second = await measureOnce(context, tree, { slowed });
  // A program that half speed disturbs is asked again.
  const isDisturbed = slowed && (!second.ok || second.output !== first.output);
  checkRepeats(what, first, isDisturbed ? await measureOnce(context, tree) : second);
  context.say('benchmark, run 3 of 3');
  const unseeded = await measureOnce(context, tree, { benchSeed: null, unbuffered: true });
  const problem = scaleProblem([first.metric, ...(unseeded.ok ? [unseeded.metric] : [])], config);
  if (problem) throw refused(problem);
  for (const side of config.sideMetrics) await qualifySide(context, tree, sideMetric(context.loop, side));
  const startUp = await measureStartUp(context, tree);
  const full: RunTimes[] = [first, ...(unseeded.ok ? [unseeded] : [])];
  const { metric, cpuMs, wallMs } = first;
  const { texts, compiling } = await readCommand(context, tree);
  const harness = harnessOf([...texts, first.stdout]);
  return {
    ...{ metric, cpuMs, wallMs, startUp, compiling, quietMs: unseeded.ok ? unseeded.quietMs : null },
    unseeded: unseeded.ok ? 'works' : 'fails',
    ...(unseeded.ok && unseeded.output !== null && { unseededOutput: unseeded.output }),
    isFixedTime: slowed && (harness.isTimed || (second.ok && isFixedTime(full, second, startUp))),
    harness: harness.name,
  };
}

/** Measures a side metric once, and an exact one twice. */
async function qualifySide(context: StepContext, tree: MountedTree, what: Measurable): Promise<void> {
  context.say(`side metric ${what.field}`);
  const first = await measureOnce(context, tree, { what });
  if (!first.ok) throw refused(first.problem);
  if (what.noise === 'exact') checkRepeats(what, first, await measureOnce(context, tree, { what }));
}

/** Compares runs with the same BENCH_SEED: else every candidate would fail by what the base cannot do either. */
function checkRepeats(what: Measurable, first: Measurement, second: MeasureResult): void {
  if (!second.ok) throw refused(second.problem);
  if (second.output !== first.output) {
    const [one, two] = [first, second].map(({ output }) => `"${toLine(output ?? '', 80)}"`);
    const remedy = 'let it depend on nothing but the work and BENCH_SEED, or take output out';
    throw refused(
      `${what.field}.output: two runs of the base with one BENCH_SEED computed ${one} and ${two}; ${remedy}`,
    );
  }
  if (what.noise !== 'exact' || second.metric === first.metric) return;
  const fact = `is "exact", but two runs of the base gave ${first.metric} and ${second.metric}`;
  throw refused(`${what.field}.noise: ${fact}; make it repeat exactly, or set noise to "measured"`);
}
