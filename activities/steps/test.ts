import type { TestAnswer, TestInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { baseFacts } from '../measure/baseline.ts';
import { heldOutTests, runSuite, visibleTests } from '../suites/suite.ts';
import { watchedFiles } from '../trees/protection.ts';
import { makeCandidateRunnable } from '../trees/runnable.ts';

/** Runs the visible tests on the candidate, then the guard's; as many must run as on the base. */
export async function test(context: StepContext, input: TestInput): Promise<TestAnswer> {
  const { loop } = context;
  const base = await baseFacts(context);
  const made = await makeCandidateRunnable(context, input.tree);
  if (!made.ok) return { kind: 'failed', reason: 'tests-failed', detail: made.detail };
  const watched = base.exitGuard ? await watchedFiles(loop, input.champion, input.tree) : [];
  const tree = { ...made.runnable, workspace: base.workspace, watched };
  const expected = { count: base.tests, ending: base.ending };
  const visible = await runSuite(context, visibleTests(loop), tree, expected);
  if (visible.problem !== null) return { kind: 'failed', reason: 'tests-failed', detail: visible.problem };
  const guard = heldOutTests(loop);
  const expectedOfGuard = { count: base.guardTests, ending: base.guardEnding };
  const heldOut = guard && (await runSuite(context, guard, tree, expectedOfGuard));
  // No word on how: the detail reaches the prompt, the ledger and the history.
  if (heldOut?.problem) return { kind: 'failed', reason: 'guard-failed', detail: 'guard: the held-out tests failed' };
  return { kind: 'passed' };
}
