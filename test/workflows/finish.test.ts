import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FinishInput, HeadToHead, Steps } from '../../domain/steps.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { deferred, withLoop, type LoopHandle, type LoopScript } from '../support/server/loop-run.ts';
import { untilCancelled } from '../support/server/scripted-steps.ts';
import { startServer } from '../support/server/temporal.ts';

const headToHead: HeadToHead = {
  base: 'base',
  champion: 'end',
  pairs: 20,
  ratio: 0.5,
  interval: [0.4, 0.6],
  better: 'lower',
  unit: 'ms',
};

describeWithServer('the end of a loop', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  /** Runs a loop of which the measuring `finish` is given; the quick one answers at once. */
  async function run(
    id: string,
    measure: () => ReturnType<Steps['finish']>,
    script: LoopScript,
    use: (handle: LoopHandle) => Promise<void>,
  ): Promise<boolean[]> {
    const asked: FinishInput[] = [];
    const finish: Steps['finish'] = (input) => {
      asked.push(input);
      return input.measure ? measure() : Promise.resolve({ champion: 'end', branchPending: null, headToHead: null });
    };
    await withLoop(env, id, { limits: { iterations: 1 }, ...script, steps: { ...script.steps, finish } }, use);
    return asked.map((input) => input.measure);
  }
  const measured = () => Promise.resolve({ champion: 'end', branchPending: 'checked out' as const, headToHead });

  it('measures base against champion, and returns it', async () => {
    const asked = await run('ends', measured, {}, async (handle) => {
      expect(await handle.result()).toMatchObject({
        stop: 'iterations',
        champion: 'end',
        branchPending: 'checked out',
        headToHead,
      });
    });
    expect(asked).toEqual([true]);
  });

  it('measures after a stop too, but not after one that is to be at once', async () => {
    for (const [now, expected] of [
      [false, true],
      [true, false],
    ] as const) {
      const reached = deferred();
      const test: Steps['test'] = async () => (reached.resolve(), now ? untilCancelled() : { kind: 'passed' });
      const asked = await run(
        `stopped-${now}`,
        measured,
        { limits: { iterations: 50 }, steps: { test } },
        async (handle) => {
          await reached.promise;
          await handle.executeUpdate('stop', { args: [{ now }] });
          expect(await handle.result()).toMatchObject({
            stop: 'stop request',
            headToHead: expected ? headToHead : null,
          });
        },
      );
      expect(asked).toEqual([expected]);
    }
  });

  it.each(['stop', 'cancel'] as const)(
    'a %s while it measures ends the measuring, and the loop still finishes',
    async (how) => {
      const reached = deferred();
      const measuring = () => (reached.resolve(), untilCancelled());
      const asked = await run(`ended-by-${how}`, measuring, {}, async (handle) => {
        await reached.promise;
        if (how === 'stop') {
          await handle.executeUpdate('stop', { args: [{ now: true }] });
          expect(await handle.result()).toMatchObject({ stop: 'iterations', champion: 'end', headToHead: null });
        } else {
          await handle.cancel();
          await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
        }
      });
      expect(asked).toEqual([true, false]);
    },
  );
});
