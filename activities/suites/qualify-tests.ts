import type { BaseFacts } from '../measure/base-facts.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import type { MountedTree, RunnableTree } from '../trees/runnable-tree.ts';
import { explainFailingBase } from './failing-base.ts';
import { heldOutTests, runSuite, visibleTests, type Suite, type SuiteRun } from './suite.ts';

/** Any path will do: ends of processes are watched as soon as there is one. No file of a repository has this name. */
const nothingWatched = ['.karpathy-loop/none'];

export type Mode = Pick<BaseFacts, 'workspace' | 'exitGuard'>;
export type TestFacts = Pick<BaseFacts, 'tests' | 'guardTests' | 'ending' | 'guardEnding' | 'testMs'>;
export type TestsFailure = { kind: 'failed'; of: 'test' | 'guard'; problem: string };

/** From the strictest to the most lenient. */
export function modesOf({ plan: { config } }: OpenLoop): Mode[] {
  const workspaces = config.workspace === 'auto' ? (['readonly', 'copy'] as const) : [config.workspace];
  return [true, false].flatMap((exitGuard) => workspaces.map((workspace) => ({ workspace, exitGuard })));
}

export function mountedIn(runnable: RunnableTree, { workspace, exitGuard }: Mode): MountedTree {
  return { ...runnable, workspace, watched: exitGuard ? nothingWatched : [] };
}

/** Returns how the output ends, if no number of tests is known and a second run ends so too. */
async function repeatedEnding(suite: Suite, first: SuiteRun, again: (suite: Suite) => Promise<SuiteRun>) {
  if (first.count !== null || first.ending === null) return null;
  return (await again(suite)).ending === first.ending ? first.ending : null;
}

/** Tests and guard, until one of them fails. */
export async function tryTests(
  context: StepContext,
  tree: MountedTree,
): Promise<{ kind: 'passed'; facts: TestFacts } | TestsFailure> {
  const { loop } = context;
  const again = (suite: Suite) => runSuite(context, suite, tree, null);
  const visible = await again(visibleTests(loop));
  if (visible.problem !== null) return { kind: 'failed', of: 'test', problem: visible.problem };
  const guard = heldOutTests(loop);
  const heldOut = guard && (await again(guard));
  if (heldOut?.problem) return { kind: 'failed', of: 'guard', problem: heldOut.problem };
  const facts = {
    tests: visible.count,
    guardTests: heldOut?.count ?? null,
    ending: await repeatedEnding(visibleTests(loop), visible, again),
    guardEnding: guard && heldOut && (await repeatedEnding(guard, heldOut, again)),
    testMs: visible.wallMs,
  };
  return { kind: 'passed', facts };
}

export async function explainTests(
  context: StepContext,
  tree: RunnableTree,
  { of, problem }: TestsFailure,
): Promise<string> {
  if (of === 'test') return explainFailingBase(context, tree, problem);
  const remedy = 'run its command by hand in a checkout of the base, with GUARD set to its directory, and correct it';
  return `${problem} on the base ${context.loop.plan.baseSha.slice(0, 10)}; ${remedy}`;
}

/** A pattern that finds nothing on the base would hold no candidate to anything. */
export function checkCounts(
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
