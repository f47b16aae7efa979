import { startUpOf } from '../../domain/verdict/start-up.ts';
import { toLine } from '../../domain/text.ts';
import type { BaseFacts } from './base-facts.ts';
import {
  execute,
  measure,
  sideMetric,
  theBenchmark,
  type Measurable,
  type Measurement,
  type MeasureResult,
} from './execute.ts';
import { explainFailingBase } from './failing-base.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import { makeRunnable } from '../trees/runnable.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';
import { heldOutTests, runSuite, visibleTests, type Suite, type SuiteRun } from './suite.ts';

/** Any path will do: ends of processes are watched as soon as there is one. No file of a repository has this name. */
const nothingWatched = ['.karpathy-loop/none'];
/** Runs of the start-up command, of which the shortest counts. */
const startUps = 3;

type Mode = Pick<BaseFacts, 'workspace' | 'exitGuard'>;
/** Results that have to repeat. */
type RepeatedResult = Pick<Measurement, 'metric' | 'output'>;
type Trial =
  | { kind: 'passed'; facts: Omit<BaseFacts, 'startUp'>; run: RepeatedResult }
  | { kind: 'failed'; of: 'test' | 'guard' | 'benchmark'; problem: string };

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
  if (trial.kind === 'failed') throw refused(await explain(context, made.runnable, trial));
  const { facts, run } = trial;
  checkCounts(loop, facts);
  const tree = mountedIn(made.runnable, facts);
  await checkMeasurables(context, tree, run);
  return { ...facts, startUp: await measureStartUp(context, tree) };
}

/** From the strictest to the most lenient. */
function modesOf({ plan: { config } }: OpenLoop): Mode[] {
  const workspaces = config.workspace === 'auto' ? (['readonly', 'copy'] as const) : [config.workspace];
  return [true, false].flatMap((exitGuard) => workspaces.map((workspace) => ({ workspace, exitGuard })));
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

function mountedIn(runnable: RunnableTree, { workspace, exitGuard }: Mode): MountedTree {
  return { ...runnable, workspace, watched: exitGuard ? nothingWatched : [] };
}

/** Returns how the output ends, if no number of tests is known and a second run ends so too. */
async function repeatedEnding(suite: Suite, first: SuiteRun, again: (suite: Suite) => Promise<SuiteRun>) {
  if (first.count !== null || first.ending === null) return null;
  return (await again(suite)).ending === first.ending ? first.ending : null;
}

/** Tests, guard and one benchmark, until one of them fails. */
async function tryMode(context: StepContext, runnable: RunnableTree, mode: Mode): Promise<Trial> {
  const { loop } = context;
  const tree = mountedIn(runnable, mode);
  const again = (suite: Suite) => runSuite(context, suite, tree, null);
  const visible = await again(visibleTests(loop));
  if (visible.problem !== null) return { kind: 'failed', of: 'test', problem: visible.problem };
  const guard = heldOutTests(loop);
  const heldOut = guard && (await again(guard));
  if (heldOut?.problem) return { kind: 'failed', of: 'guard', problem: heldOut.problem };
  const run = await measureOnce(context, tree);
  if (!run.ok) return { kind: 'failed', of: 'benchmark', problem: run.problem };
  const { metric, cpuMs, wallMs } = run;
  const facts = {
    ...mode,
    tests: visible.count,
    guardTests: heldOut?.count ?? null,
    ending: await repeatedEnding(visibleTests(loop), visible, again),
    guardEnding: guard && heldOut && (await repeatedEnding(guard, heldOut, again)),
    metric,
    cpuMs,
    wallMs,
    testMs: visible.wallMs,
  };
  return { kind: 'passed', facts, run };
}

async function explain(context: StepContext, tree: RunnableTree, failure: Trial & { kind: 'failed' }): Promise<string> {
  const { of, problem } = failure;
  if (of === 'test') return explainFailingBase(context, tree, problem);
  if (of === 'benchmark') return problem;
  const remedy = 'run its command by hand in a checkout of the base, with GUARD set to its directory, and correct it';
  return `${problem} on the base ${context.loop.plan.baseSha.slice(0, 10)}; ${remedy}`;
}

function measureOnce(context: StepContext, tree: MountedTree, what?: Measurable): Promise<MeasureResult> {
  const { seed } = context.loop.plan.config;
  return exclusively(context, (held) => measure(held, tree, { benchSeed: seed, ...(what && { what }) }));
}

/** A pattern that finds nothing on the base would hold no candidate to anything. */
function checkCounts(
  { plan: { config }, grants }: OpenLoop,
  { tests, guardTests }: Pick<BaseFacts, 'tests' | 'guardTests'>,
): void {
  const silent: string[] = [];
  if (config.testCount && !tests)
    silent.push(`testCount.pattern: nothing in the output of the base's tests matches ${config.testCount.pattern}`);
  if (grants.guard?.testCount && !guardTests)
    silent.push("guard: its testCount.pattern (worker's settings) matches nothing in its output on the base");
  if (silent.length > 0)
    throw refused(...silent.map((problem) => `${problem}; correct the pattern, or remove testCount`));
}

/** Checks that there is every side metric, and that everything repeats which should. */
async function checkMeasurables(context: StepContext, tree: MountedTree, base: RepeatedResult): Promise<void> {
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
async function measureStartUp(context: StepContext, tree: MountedTree): Promise<BaseFacts['startUp']> {
  const { benchmark, limits } = context.loop.plan.config;
  // Unwatched: a start-up that is taken too long would make a candidate's gain look larger than it is.
  const request = { ...tree, watched: [], seconds: limits.benchmarkSeconds };
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
