import type { TestAnswer, TestInput } from '../../domain/steps.ts';
import { baseFacts } from '../measure/baseline.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { watchedFiles } from '../trees/protection.ts';
import { checkSha, openLoop, type Resources } from '../loop/resources.ts';
import { makeCandidateRunnable } from '../trees/runnable.ts';
import { heldOutTests, runSuite, visibleTests } from '../measure/suite.ts';

/** Runs the visible tests on the candidate, then the guard's; as many must run as on the base. */
export async function test(resources: Resources, input: TestInput): Promise<TestAnswer> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    checkSha('champion', input.champion);
    const base = await baseFacts(resources, loop, signal);
    const made = await makeCandidateRunnable(resources, loop, input.tree, signal);
    if (!made.ok) return { kind: 'failed', reason: 'tests-failed', detail: made.detail };
    const watched = base.exitGuard ? await watchedFiles(loop, input.champion, input.tree) : [];
    const seen = { ...made.runnable, workspace: base.workspace, watched };
    const visible = await runSuite(
      resources,
      loop,
      visibleTests(loop),
      seen,
      { count: base.tests, ending: base.ending },
      signal,
    );
    if (visible.problem !== null) return { kind: 'failed', reason: 'tests-failed', detail: visible.problem };
    const guard = heldOutTests(loop);
    const heldOut =
      guard &&
      (await runSuite(resources, loop, guard, seen, { count: base.guardTests, ending: base.guardEnding }, signal));
    // No word on how: the detail reaches the prompt, the ledger and the history.
    if (heldOut?.problem) return { kind: 'failed', reason: 'guard-failed', detail: 'guard: the held-out tests failed' };
    return { kind: 'passed' };
  });
}
