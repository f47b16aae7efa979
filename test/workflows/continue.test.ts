import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Steps } from '../../domain/steps.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { withLoop } from '../support/server/loop-run.ts';
import { scriptedPrepared } from '../support/server/scripted-steps.ts';
import { startServer } from '../support/server/temporal.ts';

/** Every iteration is followed by a new run: whatever arrives, arrives around one. */
const carried = { perRun: 1 };

describeWithServer('a loop that continues as new', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  it('loses no pause that comes just then, and resumes by a signal in a later run', async () => {
    const sent: Promise<void>[] = [];
    const commit: Steps['commit'] = ({ loopId, iteration }) => {
      // Not waited for: it reaches the loop before, in or after the end of its run.
      if (iteration < 6) sent.push(env.client.workflow.getHandle(loopId).signal('pause'));
      return Promise.resolve({ kind: 'committed', commit: `commit-${iteration}` });
    };
    await withLoop(env, 'pauses', { limits: { iterations: 7 }, steps: { commit }, carried }, async (handle) => {
      const loop = env.client.workflow.getHandle('pauses');
      for (let pauses = 1; pauses <= 5; pauses++) {
        await expect.poll(() => loop.query<unknown>('status')).toMatchObject({ phase: 'paused' });
        await Promise.all(sent);
        expect(sent).toHaveLength(pauses);
        await loop.signal('resume');
        if (pauses < 5) await expect.poll(() => sent.length).toBeGreaterThan(pauses);
      }
      expect(await handle.result()).toMatchObject({ stop: 'iterations', committed: 7 });
    });
  });

  it('stays paused in the next run, answers an update there, and loses no stop', async () => {
    const commit: Steps['commit'] = async ({ loopId, iteration }) => {
      if (iteration === 2) await env.client.workflow.getHandle(loopId).signal('pause');
      if (iteration === 4) void env.client.workflow.getHandle(loopId).signal('stop');
      return { kind: 'committed', commit: `commit-${iteration}` };
    };
    await withLoop(env, 'stops', { limits: { iterations: 50 }, steps: { commit }, carried }, async (handle) => {
      const loop = env.client.workflow.getHandle('stops');
      await expect
        .poll(() => loop.query<unknown>('status'))
        .toMatchObject({ phase: 'paused', iteration: 2, committed: 2 });
      expect((await loop.describe()).runId).not.toBe(handle.firstExecutionRunId);
      expect(await loop.executeUpdate('resume')).toMatchObject({ committed: 2 });
      const result = await handle.result();
      expect(result).toMatchObject({ stop: 'stop request' });
      expect(result.iteration).toBeLessThanOrEqual(5);
    });
  });

  it('goes on with the budget, counts and failures in a row of a ledger that is there', async () => {
    const earlier = {
      ...{ committed: 2, rolledBack: 3, failed: 4, consecutiveFailures: 2, stagnation: 3, tokens: 900, seconds: 3_600 },
      spent: { model: 1_800, benchmark: 900, waiting: 60 },
    };
    const none: Steps['hypothesize'] = () => Promise.resolve({ kind: 'none', detail: 'no JSON', tokens: 40 });
    const prepared = (loopId: string, limits: object) => ({
      ...scriptedPrepared(loopId, loopId, { iterations: 50, ...limits }),
      nextIteration: 10,
      earlier,
    });
    for (const [name, limits, stop, more] of [
      ['failures', { consecutiveFailures: 4 }, 'consecutive failures', 2],
      ['tokens', { tokens: 950 }, 'tokens', 2],
      ['hours', { hours: 1 }, 'hours', 0],
      ['model-hours', { modelHours: 0.5 }, 'model hours', 0],
      ['benchmark-hours', { benchmarkHours: 0.25 }, 'benchmark hours', 0],
      ['stagnation', { stagnation: 4 }, 'stagnation', 1],
    ] as const) {
      const id = `earlier-${name}`;
      const steps: Partial<Steps> = { prepare: () => Promise.resolve(prepared(id, limits)), hypothesize: none };
      await withLoop(env, id, { steps, carried }, async (handle) => {
        expect(await handle.result()).toMatchObject({
          stop,
          committed: 2,
          rolledBack: 3,
          failed: 4 + more,
          tokens: 900 + more * 40,
        });
      });
    }
  });
});
