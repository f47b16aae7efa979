import { maxTestRuns, nameTests, sumRuns } from '../../domain/protection/flaky-tests.ts';
import type { TestCount } from '../../domain/protection/test-count.ts';
import { commonTests, type NameCounts } from '../../domain/protection/test-names.ts';
import { settledWorkspace, type Workspace } from '../../domain/protection/workspace.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';
import { explainFailingBase } from './failing-base.ts';
import { heldOutTests, runSuite, toTestRun, visibleTests, type SuiteRun } from './suite.ts';

/** Tests that take no longer, in ms, run a third time though the first two runs agree. */
const quickMs = 10_000;

/** One run of the base's tests, and of the guard where they passed. */
interface Round {
  workspace: Workspace;
  passed: boolean;
  blamesTree: boolean;
  visible: SuiteRun;
  heldOut: SuiteRun | null;
}

/** The base's tests, of which one round has passed. */
export interface TestedBase {
  workspace: Workspace;
  rounds: Round[];
}

export type TestFacts = Pick<
  BaseFacts,
  'workspace' | 'tests' | 'testNames' | 'naming' | 'ending' | 'testRuns' | 'testMs'
> &
  Pick<BaseFacts, 'guardTests' | 'guardNames' | 'guardEnding' | 'guardRuns'>;

/**
 * Runs the base's tests until they pass, in the strictest view of the tree that these runs leave.
 * @throws ApplicationFailure "Refused" where no run passes
 */
export async function beginTests(context: StepContext, runnable: RunnableTree): Promise<TestedBase> {
  const allowed = context.loop.plan.config.workspace;
  const rounds: Round[] = [];
  while (rounds.length < maxTestRuns) {
    rounds.push(
      await runRound(context, { ...runnable, workspace: settledWorkspace(rounds, allowed) }, rounds.length + 1),
    );
    const workspace = settledWorkspace(rounds, allowed);
    if (rounds.some((round) => round.passed && round.workspace === workspace)) return { workspace, rounds };
  }
  throw refused(await explain(context, runnable, rounds));
}

/** Runs them again to learn if they agree with themselves. @param begun in the view in which the benchmark passes too */
export async function finishTests(
  context: StepContext,
  runnable: RunnableTree,
  { workspace, rounds: begun }: TestedBase,
): Promise<TestFacts> {
  const rounds = [...begun];
  // A failure in another view comes of that view.
  const judged = () => rounds.filter((round) => round.passed || round.workspace === workspace);
  const isKnown = () =>
    rounds.length > 1 && judged().every(({ passed, visible }) => passed && visible.wallMs > quickMs);
  while (rounds.length < maxTestRuns && !isKnown())
    rounds.push(await runRound(context, { ...runnable, workspace }, rounds.length + 1));
  const visible = judged().map((round) => round.visible);
  const heldOut = judged().flatMap((round) => round.heldOut ?? []);
  const passing = visible.find(({ problem }) => problem === null)!;
  const facts = {
    workspace,
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

async function runRound(context: StepContext, tree: MountedTree, run: number): Promise<Round> {
  context.say(`tests, run ${run} of ${maxTestRuns}`);
  const visible = await runSuite(context, visibleTests(context.loop), tree, null);
  const guard = visible.problem === null ? heldOutTests(context.loop) : null;
  const heldOut = guard && (await runSuite(context, guard, tree, null));
  const { problem, blamesTree } = heldOut ?? visible;
  return { workspace: tree.workspace, passed: problem === null, blamesTree, visible, heldOut };
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

/** Tells why no run passed in the view of the tree that they left. */
async function explain(context: StepContext, runnable: RunnableTree, rounds: Round[]): Promise<string> {
  const { visible, heldOut } = rounds.at(-1)!;
  const problem = heldOut?.problem ?? visible.problem ?? '';
  const base = `the base ${context.loop.plan.baseSha.slice(0, 10)}`;
  const runs = describeFailures(rounds);
  if (!heldOut) return explainFailingBase(context, runnable, { problem, runs });
  const remedy = 'run its command by hand in a checkout of the base, with GUARD set to its directory, and correct it';
  return `${problem} on ${base}; ${remedy} (${runs})`;
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
