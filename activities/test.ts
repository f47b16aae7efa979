import { withMachineLock } from '../adapters/lock.ts';
import type { Tested, TestInput } from '../domain/steps.ts';
import { execute, explainRun } from './execute.ts';
import { withHeartbeat } from './heartbeat.ts';
import { openLoop, type OpenLoop, type Resources } from './resources.ts';
import { makeRunnable, type Runnable } from './runnable.ts';

/** Runs the tests on the candidate. */
export async function test(resources: Resources, input: TestInput): Promise<Tested> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    const made = await makeRunnable(resources, loop, input.tree, signal);
    return made.ok ? runTests(resources, loop, made.runnable, signal) : { kind: 'failed', detail: made.detail };
  });
}

export async function runTests(resources: Resources, loop: OpenLoop, runnable: Runnable, signal: AbortSignal): Promise<Tested> {
  const { test: command, workspace, limits } = loop.plan.config;
  const result = await withMachineLock(() => execute(resources, loop, { ...runnable, command, workspace, seconds: limits.testSeconds, signal }), { signal });
  return result.status === 'ok' ? { kind: 'passed' } : { kind: 'failed', detail: explainRun('test', result) };
}
