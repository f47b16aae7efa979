import { nextMode, settledMode, type AllowedModes, type Mode } from '../../domain/protection/base-mode.ts';
import { maxTestRuns, nameTests, sumRuns } from '../../domain/protection/flaky-tests.ts';
import type { TestCount } from '../../domain/protection/test-count.ts';
import { commonTests, type NameCounts } from '../../domain/protection/test-names.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';
import { explainFailingBase } from './failing-base.ts';
import { heldOutTests, runSuite, toTestRun, visibleTests, type SuiteRun } from './suite.ts';

/** Tests that take no longer, in ms, run a third time though the first two runs agree. */
const quickMs = 10_000;
/** Any path will do: ends of processes are watched as soon as there is one. No file of a repository has this name. */
const nothingWatched = ['.karpathy-loop/none'];

/** One run of the base's tests, and of the guard where they passed. */
interface Round {
  mode: Mode;
  passed: boolean;
  blames: SuiteRun['blames'];
  visible: SuiteRun;
  heldOut: SuiteRun | null;
}

/** The base's tests, of which one round has passed. */
export interface TestedBase {
  mode: Mode;
  rounds: Round[];
}

export type TestFacts = Mode &
  Pick<BaseFacts, 'tests' | 'testNames' | 'naming' | 'ending' | 'testRuns' | 'testMs'> &
  Pick<BaseFacts, 'guardTests' | 'guardNames' | 'guardEnding' | 'guardRuns'>;

export function mountedIn(runnable: RunnableTree, { workspace, exitGuard }: Mode): MountedTree {
  return { ...runnable, workspace, watched: exitGuard ? nothingWatched : [] };
}

/**
 * Runs the base's tests until they pass, in the strictest mode that these runs leave.
 * @throws ApplicationFailure "Refused" where no run passes
 */
export async function beginTests(context: StepContext, runnable: RunnableTree): Promise<TestedBase> {
  const allowed = allowedModes(context.loop);
  const rounds: Round[] = [];
  while (rounds.length < maxTestRuns) {
    rounds.push(await runRound(context, runnable, nextMode(rounds, allowed), rounds.length + 1));
    const mode = settledMode(rounds, allowed);
    if (rounds.some((round) => round.passed && isIn(mode, round))) return { mode, rounds };
  }
  throw refused(await explain(context, runnable, rounds));
}

/** Runs them again to learn if they agree with themselves. @param mode the one in which the benchmark passes too */
export async function finishTests(
  context: StepContext,
  runnable: RunnableTree,
  { mode, rounds: begun }: TestedBase,
): Promise<TestFacts> {
  const rounds = [...begun];
  // A failure in another mode comes of that mode.
  const judged = () => rounds.filter((round) => round.passed || isIn(mode, round));
  const isKnown = () =>
    rounds.length > 1 && judged().every(({ passed, visible }) => passed && visible.wallMs > quickMs);
  while (rounds.length < maxTestRuns && !isKnown())
    rounds.push(await runRound(context, runnable, mode, rounds.length + 1));
  const visible = judged().map((round) => round.visible);
  const heldOut = judged().flatMap((round) => round.heldOut ?? []);
  const passing = visible.find(({ problem }) => problem === null)!;
  const facts = {
    ...mode,
    tests: countOf(visible),
    guardTests: countOf(heldOut),
    testNames: namesOf(visible),
    naming: passing.naming,
    guardNames: namesOf(heldOut),
    ending: endingOf(visible),
    guardEnding: endingOf(heldOut),
    testRuns: sumRuns(visible.map((run) => toTestRun(run))),
    guardRuns: sumRuns(heldOut.map((run) => toTestRun(run))),
    testMs: passing.wallMs,
  };
  checkCounts(context.loop, facts);
  return facts;
}

function allowedModes({ plan: { config } }: OpenLoop): AllowedModes {
  return { workspace: config.workspace, exitGuard: config.exitGuard === 'on' };
}

function isIn({ workspace, exitGuard }: Mode, { mode }: Round): boolean {
  return mode.workspace === workspace && mode.exitGuard === exitGuard;
}

async function runRound(context: StepContext, runnable: RunnableTree, mode: Mode, run: number): Promise<Round> {
  context.say(`tests, run ${run} of ${maxTestRuns}`);
  const tree = mountedIn(runnable, mode);
  const visible = await runSuite(context, visibleTests(context.loop), tree, null);
  const guard = visible.problem === null ? heldOutTests(context.loop) : null;
  const heldOut = guard && (await runSuite(context, guard, tree, null));
  const last = heldOut ?? visible;
  return { mode, passed: last.problem === null, blames: last.blames, visible, heldOut };
}

/** Takes the least that passing runs agree on; no candidate can be held to more. */
function countOf(runs: readonly SuiteRun[]): TestCount | null {
  const counts = runs.flatMap(({ problem, count }) => (problem === null && count ? [count] : []));
  if (counts.length === 0) return null;
  const passed = Math.min(...counts.map((count) => count.passed));
  return { passed, reports: Math.max(...counts.map(({ reports }) => reports)) };
}

/** Keeps what all passing runs name, if all of them name their tests. */
function namesOf(runs: readonly SuiteRun[]): NameCounts | null {
  const all = runs.filter(({ problem }) => problem === null).map(({ names }) => names);
  return all.length === 0 ? null : all.reduce((these, those) => these && those && commonTests(these, those));
}

/** Returns how the output ends, if no number of tests is known and all passing runs end so. */
function endingOf(runs: readonly SuiteRun[]): string | null {
  const passing = runs.filter(({ problem }) => problem === null);
  const [first, ...others] = passing;
  const isRepeated = others.length > 0 && passing.every(({ count, ending }) => !count && ending === first!.ending);
  return isRepeated ? first!.ending : null;
}

/** Tells why no run passed in the mode that they left. */
async function explain(context: StepContext, runnable: RunnableTree, rounds: Round[]): Promise<string> {
  const { exitGuard } = settledMode(rounds, allowedModes(context.loop));
  const inMode = rounds.filter(({ mode }) => mode.exitGuard === exitGuard);
  const problems = inMode.map(({ visible, heldOut }) => heldOut?.problem ?? visible.problem ?? '');
  const failed = inMode.at(-1)!;
  const field = failed.heldOut ? 'guard' : 'test';
  const base = `the base ${context.loop.plan.baseSha.slice(0, 10)}`;
  const without = rounds.filter(({ mode, passed }) => passed && mode.exitGuard !== exitGuard);
  if (without.length > 0) {
    const fact = `fails on ${base} while ends of processes are watched (${inMode.length} of ${inMode.length} runs)`;
    const remedy = 'mend the tests, or give up this protection with "exitGuard": "off"';
    return `${field}: ${fact} and passes without (${without.length} of 1); ${remedy}\n${problems.at(-1)}`;
  }
  const runs = describeFailures(rounds);
  if (field === 'test') return explainFailingBase(context, runnable, { problem: problems.at(-1)!, runs });
  const remedy = 'run its command by hand in a checkout of the base, with GUARD set to its directory, and correct it';
  return `${problems.at(-1)} on ${base}; ${remedy} (${runs})`;
}

/** Tells how many runs failed, and by which tests if others passed: these may fail by chance. */
function describeFailures(rounds: readonly Round[]): string {
  const all = `${rounds.length} of ${rounds.length} runs failed`;
  const runs = rounds.map(({ visible }) => visible);
  if (!runs.every(({ failed, count }) => failed && count?.passed)) return all;
  const { flaky } = sumRuns(runs.map((run) => toTestRun(run)));
  return `${all} by ${nameTests(flaky)}, while others passed: leave out of the command what fails by chance`;
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
