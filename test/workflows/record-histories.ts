/**
 * Records the histories that replay.test.ts replays: `npx tsx test/workflows/record-histories.ts`.
 * To be run when a change of the workflows is meant to be incompatible, and only then: no loop may be open that should go on.
 */
import { writeFile } from 'node:fs/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import type { Steps } from '../../domain/steps.ts';
import { deferred, withLoop, type LoopHandle, type LoopScript } from '../support/server/loop-run.ts';
import { proposal, several, untilCancelled } from '../support/server/scripted-steps.ts';
import { scriptedAdoption } from '../support/adoption/scripted-adoption.ts';
import { startServer, startWorker, temporalBinary } from '../support/server/temporal.ts';

const env = await startServer();
try {
  await recordPlain(env);
  await recordScreened(env);
  await recordSetbacks(env);
  await recordPaused(env);
  await recordContinued(env);
  await recordLost(env);
  await recordCancelled(env);
  await recordAdoptions(env);
} finally {
  await env.teardown();
}

async function recordPlain(env: TestWorkflowEnvironment): Promise<void> {
  await ended(env, 'plain', { limits: { iterations: 2 } });
  await save(env, 'loop', 'plain');
  await save(env, 'iteration-committed', 'plain/iter-1');
}

/** Several answers, of which one goes on, and none; the second has a repair. */
async function recordScreened(env: TestWorkflowEnvironment): Promise<void> {
  const steps: Partial<Steps> = {
    hypothesize: ({ iteration, attempt }) =>
      Promise.resolve(
        attempt > 0
          ? proposal(iteration, attempt)
          : { kind: 'several', hypotheses: several(iteration), tokens: 100, screened: [] },
      ),
    screen: ({ hypotheses: [hypothesis], iteration }) =>
      Promise.resolve(
        iteration === 1
          ? { kind: 'chosen', hypothesis: hypothesis!, screened: [] }
          : {
              ...{ kind: 'failed', reason: 'build-failed', detail: 'no' },
              tree: 'tree',
              hypothesis: hypothesis!,
              screened: [],
            },
      ),
  };
  await ended(env, 'screened', { limits: { iterations: 2, repairs: 1 }, steps });
  await save(env, 'iteration-screened', 'screened/iter-1');
  await save(env, 'iteration-screened-repaired', 'screened/iter-2');
}

/** Repairs, a retry, a step that breaks for good, and each way to fail. */
async function recordSetbacks(env: TestWorkflowEnvironment): Promise<void> {
  let busy = true;
  const steps: Partial<Steps> = {
    analyze: () =>
      busy ? Promise.reject(new Error('busy')).finally(() => (busy = false)) : Promise.resolve({ hotspots: [] }),
    apply: ({ iteration }) =>
      Promise.resolve(
        iteration === 1
          ? { kind: 'refused', reason: 'edit-refused', detail: 'search matches twice', tree: null }
          : { kind: 'applied', tree: 'tree', files: ['a'] },
      ),
    test: ({ iteration }) =>
      Promise.resolve(iteration === 2 ? { kind: 'failed', reason: 'tests-failed', detail: 'red' } : { kind: 'passed' }),
    benchmark: () => Promise.resolve({ kind: 'failed', reason: 'infrastructure', detail: 'the machine was suspended' }),
  };
  await ended(env, 'setbacks', { limits: { iterations: 3, repairs: 1 }, steps });
  await save(env, 'iteration-edit-refused', 'setbacks/iter-1');
  await save(env, 'iteration-tests-failed', 'setbacks/iter-2');
  await save(env, 'iteration-infrastructure', 'setbacks/iter-3');
}

async function recordPaused(env: TestWorkflowEnvironment): Promise<void> {
  const [reached, released] = [deferred(), deferred()];
  const test: Steps['test'] = async () => (reached.resolve(), await released.promise, { kind: 'passed' });
  await withLoop(env, 'paused', { limits: { iterations: 9 }, steps: { test } }, async (handle) => {
    await reached.promise;
    await handle.executeUpdate('pause');
    released.resolve();
    while ((await handle.query<{ phase: string }>('status')).phase !== 'paused');
    await handle.signal('resume');
    await handle.executeUpdate('stop');
    await handle.result();
  });
  await save(env, 'loop-paused-and-stopped', 'paused');
}

async function recordContinued(env: TestWorkflowEnvironment): Promise<void> {
  const { firstExecutionRunId } = await ended(env, 'continued', { limits: { iterations: 3 }, carried: { perRun: 2 } });
  await save(env, 'loop-continued-first-run', 'continued', firstExecutionRunId);
  await save(env, 'loop-continued-last-run', 'continued');
}

async function recordLost(env: TestWorkflowEnvironment): Promise<void> {
  const benchmark: Steps['benchmark'] = async ({ loopId }) => {
    await env.client.workflow.getHandle(`${loopId}/iter-1`).terminate();
    return untilCancelled();
  };
  await ended(env, 'lost', { limits: { iterations: 1 }, steps: { benchmark } });
  await save(env, 'loop-iteration-lost', 'lost');
}

async function recordCancelled(env: TestWorkflowEnvironment): Promise<void> {
  const benchmark: Steps['benchmark'] = async ({ loopId }) => {
    await env.client.workflow.getHandle(loopId).cancel();
    return untilCancelled();
  };
  await ended(env, 'cancelled', { steps: { benchmark } });
  await save(env, 'loop-cancelled', 'cancelled');
  await save(env, 'iteration-cancelled', 'cancelled/iter-1');
}

/** One adopted, and one whose trial ended while it was confirmed. */
async function recordAdoptions(env: TestWorkflowEnvironment): Promise<void> {
  const scripts = { adopted: {}, withdrawn: { adopt: { kind: 'failed', detail: 'its trial was over' } } } as const;
  for (const [outcome, script] of Object.entries(scripts)) {
    const id = `adoption-${outcome}`;
    const stop = await startWorker(env, id, scriptedAdoption(script));
    const args = [{ repository: '/repository', commit: 'c'.repeat(40) }];
    await env.client.workflow.execute('karpathyAdoption', { workflowId: id, taskQueue: id, args }).finally(stop);
    await save(env, id, id);
  }
}

async function ended(env: TestWorkflowEnvironment, id: string, script: LoopScript): Promise<LoopHandle> {
  return withLoop(env, id, script, async (handle) => {
    await handle.result().catch(() => {});
    return handle;
  });
}

async function save(
  { address }: TestWorkflowEnvironment,
  name: string,
  workflowId: string,
  runId?: string,
): Promise<void> {
  const run = runId ? ['--run-id', runId] : [];
  const { stdout } = await execa(temporalBinary, [
    'workflow',
    'show',
    '--address',
    address,
    '--workflow-id',
    workflowId,
    ...run,
    '--output',
    'json',
  ]);
  await writeFile(
    new URL(`histories/${name}.json`, import.meta.url),
    `${JSON.stringify(JSON.parse(stdout, withoutPlace), null, 1)}\n`,
  );
}

/** What tells of the machine that recorded, and is not replayed. */
function withoutPlace(key: string, value: unknown): unknown {
  if (key === 'identity') return 'recorded';
  if (key === 'stackTrace') return '';
  return value;
}
