import { startUpOf } from '../../domain/verdict/start-up.ts';
import { toLine } from '../../domain/text.ts';
import type { BaseFacts } from './base-facts.ts';
import {
  execute,
  measure,
  newBenchSeed,
  sideMetric,
  theBenchmark,
  type Measurable,
  type Measurement,
  type MeasureResult,
} from './execute.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { refused } from '../loop/refusal.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';

/** Runs of the start-up command, of which the shortest counts. */
const startUps = 3;

/** Results that have to repeat. */
export type RepeatedResult = Pick<Measurement, 'metric' | 'output'>;

export function measureOnce(context: StepContext, tree: MountedTree, what?: Measurable): Promise<MeasureResult> {
  const { seed } = context.loop.plan.config;
  return exclusively(context, (held) => measure(held, tree, { benchSeed: seed, ...(what && { what }) }));
}

/** Checks that there is every side metric, and that everything repeats which should. */
export async function checkMeasurables(context: StepContext, tree: MountedTree, base: RepeatedResult): Promise<void> {
  const { loop } = context;
  await checkRepeats(context, tree, theBenchmark(loop), base);
  for (const side of loop.plan.config.sideMetrics) {
    const what = sideMetric(loop, side);
    const run = await measureOnce(context, tree, what);
    if (!run.ok) throw refused(run.problem);
    await checkRepeats(context, tree, what, run);
  }
}

/** Runs it again with the same BENCH_SEED: otherwise every candidate would fail by what the base cannot do either. */
async function checkRepeats(
  context: StepContext,
  tree: MountedTree,
  what: Measurable,
  first: RepeatedResult,
): Promise<void> {
  if (what.noise !== 'exact' && !what.output) return;
  const second = await measureOnce(context, tree, what);
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

/** Takes the shortest of a few runs; of `true` where the command for it does not run. */
export async function measureStartUp(context: StepContext, tree: MountedTree): Promise<BaseFacts['startUp']> {
  const { benchmark, limits } = context.loop.plan.config;
  // Unwatched: a start-up that is taken too long would make a candidate's gain look larger than it is.
  const request = { ...tree, watched: [], seconds: limits.benchmarkSeconds, benchSeed: newBenchSeed() };
  for (const command of [startUpOf(benchmark.command), 'true']) {
    const runs = await exclusively(context, async (held) => {
      const results = [];
      for (let run = 0; run < startUps; run++) results.push(await execute(held, { ...request, command }));
      return results;
    });
    if (!runs.every(({ status }) => status === 'ok')) continue;
    return {
      cpuMs: Math.min(...runs.map((run) => (run.cpuSource === 'none' ? 0 : run.cpuMs))),
      wallMs: Math.min(...runs.map((run) => run.wallMs)),
      of: command,
    };
  }
  return { cpuMs: 0, wallMs: 0, of: 'nothing' };
}
