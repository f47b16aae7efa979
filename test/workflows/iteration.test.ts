import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IterationFacts, IterationRef, RollbackInput, StepName, Steps } from '../../domain/steps.ts';
import type { IterationInput, karpathyIteration } from '../../workflows/iteration.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { activitiesStarted } from '../support/server/histories.ts';
import { iterationPaths, type IterationPath } from '../support/server/iteration-paths.ts';
import { deferred } from '../support/server/loop-run.ts';
import {
  answerFor,
  proposal,
  scriptedPrepared,
  scriptedSteps,
  scriptedVerdict,
  untilCancelled,
} from '../support/server/scripted-steps.ts';
import { stepNames } from '../support/step-names.ts';
import { startServer, startWorker } from '../support/server/temporal.ts';

describeWithServer('karpathyIteration', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  /** Runs one worker with these steps on a queue of its own for as long as `use` lasts. */
  async function withSteps<T>(queue: string, steps: Steps, use: () => Promise<T>, options = {}): Promise<T> {
    const stop = await startWorker(env, queue, steps, options);
    return use().finally(stop);
  }
  const start = (queue: string, id: string, input: Partial<IterationInput> = {}) =>
    env.client.workflow.start<typeof karpathyIteration>('karpathyIteration', {
      workflowId: id,
      taskQueue: queue,
      args: [{ ...iterationInput(id, queue), ...input }],
    });

  // A lost host cannot be scripted, since no activity can say that it never began: lost-host.test.ts has real ones.
  it.each([
    [0, false],
    [1, false],
    [0, true],
  ])(
    'starts exactly the activities of each path of the machine with %i repairs, screened: %s',
    async (repairs, isScreened) => {
      const paths = iterationPaths(repairs, 0, isScreened);
      const queue = `paths-${repairs}-${isScreened}`;
      const idOf = (path: IterationPath) => [queue, ...path.events.map(({ type }) => type)].join('/');
      const scripts = new Map(paths.map((path) => [idOf(path), [...path.events]]));
      const steps = stepsBy(async (step, input) => {
        const event = scripts.get(input.loopId)?.shift();
        if (!event) throw ApplicationFailure.nonRetryable(`${step} is not on the path ${input.loopId}`);
        return answerFor(step, input, event, () => env.client.workflow.getHandle(input.loopId).cancel());
      });
      await withSteps(queue, steps, () =>
        each(paths, 20, async (path) => {
          const handle = await start(queue, idOf(path), { repairs });
          const result = await handle.result();
          const history = await handle.fetchHistory();
          expect(activitiesStarted(history), idOf(path)).toEqual(path.steps);
          expect({ outcome: result.outcome, leftOver: scripts.get(idOf(path)) }, idOf(path)).toEqual({
            outcome: path.final.value,
            leftOver: [],
          });
          if (path.final.context.attempts <= 1)
            expect(history.events?.length, idOf(path)).toBeLessThanOrEqual(isScreened ? 66 : 60);
        }),
      );
    },
    120_000,
  );

  it('returns the commit as the champion, with title, tokens and reported ratio', async () => {
    const result = await withSteps('commit', scriptedSteps('commit'), async () =>
      (await start('commit', 'commit')).result(),
    );
    const [champion, title] = ['commit-7', 'Idea 7.0'];
    expect(result).toEqual({
      iteration: 7,
      outcome: 'committed',
      reason: null,
      champion,
      title,
      tokens: 100,
      seconds: 1.5,
      spent: { model: 0, benchmark: 0, waiting: 0 },
      detail: '',
      fault: null,
      ratio: 0.8,
      pairs: 8,
      measured: '20.0 % better (95 % +18.0 % to +22.0 %, 8 pairs)',
      reportedRatio: 0.8,
    });
  });

  it('goes the same way when every task replays the history from its beginning', async () => {
    const queue = 'uncached';
    const handle = await withSteps(
      queue,
      scriptedSteps(queue),
      async () => {
        const started = await start(queue, queue);
        expect(await started.result()).toMatchObject({ outcome: 'committed', champion: 'commit-7' });
        return started;
      },
      { maxCachedWorkflows: 0 },
    );
    expect(activitiesStarted(await handle.fetchHistory())).toHaveLength(8);
  });

  it('gives a repair what failed, and the record all attempts and tokens', async () => {
    const asked: Parameters<Steps['hypothesize']>[0][] = [];
    const told: (string | null)[] = [];
    const recorded: IterationFacts[] = [];
    let handle: ReturnType<typeof start> | undefined;
    const steps = scriptedSteps('repair', {
      hypothesize: async (input) => {
        asked.push(input);
        told.push((await (await handle)!.query<{ repairOf: string | null }>('status')).repairOf);
        return proposal(input.iteration, input.attempt);
      },
      test: () =>
        Promise.resolve({ kind: 'failed', reason: 'tests-failed', detail: `expected 3, got ${asked.length}` }),
      rollback: (input) => (recorded.push(input), Promise.resolve({ outcome: 'rolledBack', reason: input.reason })),
    });
    const result = await withSteps('repair', steps, async () =>
      (await (handle = start('repair', 'repair', { repairs: 2 }))).result(),
    );
    expect(asked.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
    expect(told).toEqual([null, 'tests-failed', 'tests-failed']);
    expect(
      asked.map(({ previous }) => previous && [previous.hypothesis.title, previous.reason, previous.detail]),
    ).toEqual([
      null,
      ['Idea 7.0', 'tests-failed', 'expected 3, got 1'],
      ['Idea 7.1', 'tests-failed', 'expected 3, got 2'],
    ]);
    expect(recorded).toMatchObject([
      {
        attempts: 3,
        tokens: 300,
        hypothesis: { title: 'Idea 7.2' },
        tree: 'tree-7',
        verdict: null,
        reason: 'tests-failed',
        detail: 'expected 3, got 3',
      },
    ]);
    expect(result).toMatchObject({ outcome: 'rolledBack', reason: 'tests-failed', champion: 'base', tokens: 300 });
  });

  it('asks for the hypothesis on the queue of the loop and does the rest where it collected', async () => {
    const [loop, host] = ['loop-queue', 'host-queue'];
    const stop = await startWorker(env, host, scriptedSteps(host));
    const handle = await withSteps(
      loop,
      scriptedSteps(loop, { collect: () => Promise.resolve({ queue: host, profile: null, metric: 1 }) }),
      async () => {
        const started = await start(loop, 'queues');
        await started.result();
        return started;
      },
    ).finally(stop);
    const scheduled = ((await handle.fetchHistory()).events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: a }) => a ?? [],
    );
    expect(scheduled.map(({ activityType, taskQueue }) => [activityType?.name, taskQueue?.name])).toEqual([
      ['collect', loop],
      ['analyze', host],
      ['hypothesize', loop],
      ['apply', host],
      ['test', host],
      ['benchmark', host],
      ['challenge', host],
      ['commit', host],
    ]);
    // Only a worker that is not the loop's own may be given up.
    expect(scheduled.map(({ scheduleToStartTimeout }) => Number(scheduleToStartTimeout?.seconds ?? 0) > 0)).toEqual([
      false,
      true,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it("takes a lost measurement for infrastructure, and a failed benchmark for the candidate's fault", async () => {
    for (const reason of ['infrastructure', 'benchmark-failed'] as const) {
      const steps = scriptedSteps(reason, {
        benchmark: () => Promise.resolve({ kind: 'failed', reason, detail: 'no metric' }),
      });
      const result = await withSteps(reason, steps, async () => (await start(reason, reason)).result());
      expect(result).toMatchObject({ reason, outcome: reason === 'infrastructure' ? 'failed' : 'rolledBack' });
    }
  });

  it('tells in the record what broke, by its innermost message and its step', async () => {
    const recorded: RollbackInput[] = [];
    const steps = scriptedSteps('broken', {
      apply: () => Promise.reject(ApplicationFailure.nonRetryable('the disk is full')),
      rollback: (input) => (recorded.push(input), Promise.resolve({ outcome: 'failed', reason: input.reason })),
    });
    await withSteps('broken', steps, async () => (await start('broken', 'broken')).result());
    expect(recorded).toMatchObject([{ reason: 'infrastructure', detail: 'apply: the disk is full' }]);
  });

  it('retries what failed once, and does not notice it', async () => {
    let attempts = 0;
    const steps = scriptedSteps('retry', {
      analyze: () => (++attempts === 1 ? Promise.reject(new Error('busy')) : Promise.resolve({ hotspots: [] })),
    });
    const result = await withSteps('retry', steps, async () => (await start('retry', 'retry')).result());
    expect([attempts, result.outcome]).toEqual([2, 'committed']);
  });

  it('starts no step after a cancel that the step under way did not heed', async () => {
    const steps = scriptedSteps('deaf', {
      test: async () => {
        await env.client.workflow.getHandle('deaf').cancel();
        return { kind: 'passed' };
      },
    });
    await withSteps('deaf', steps, async () => {
      const handle = await start('deaf', 'deaf');
      expect(await handle.result()).toMatchObject({ outcome: 'failed', reason: 'cancelled' });
      expect(activitiesStarted(await handle.fetchHistory()).slice(-2)).toEqual(['test', 'rollback']);
    });
  });

  it('finishes a commit that has begun, whatever is cancelled', async () => {
    const steps = scriptedSteps('late', {
      commit: async () => {
        await env.client.workflow.getHandle('late').cancel();
        await Promise.race([untilCancelled(), pause(1000)]);
        return { kind: 'committed', commit: 'late-commit' };
      },
    });
    await withSteps('late', steps, async () => {
      const handle = await start('late', 'late');
      expect(await handle.result()).toMatchObject({ outcome: 'committed', champion: 'late-commit' });
      expect((await handle.describe()).status.name).toBe('COMPLETED');
    });
  });

  it('tells its step, title and attempt when asked, and the story in the details of the Temporal UI', async () => {
    const [reached, released] = [deferred(), deferred()];
    const steps = scriptedSteps('status', {
      benchmark: async () => {
        reached.resolve();
        await released.promise;
        return {
          kind: 'judged',
          verdict: scriptedVerdict('undecided', 0.97),
          objection: { reason: 'undecided', detail: 'not clear' },
        };
      },
    });
    await withSteps('status', steps, async () => {
      const handle = await start('status', 'status');
      await reached.promise;
      expect(await handle.query('status')).toEqual({
        iteration: 7,
        state: 'benchmark',
        title: 'Idea 7.0',
        attempt: 0,
        repairOf: null,
        hostLost: null,
      });
      expect(await detailsOf(handle)).toBe('**benchmark**\n\nHypothesis: `Idea 7.0`');
      released.resolve();
      await handle.result();
      expect(await handle.query('status')).toMatchObject({ state: 'rolledBack' });
      expect(await detailsOf(handle)).toContain(
        'undecided: `not clear`\n\nVerdict: undecided after 20 pairs; 3.0 % better (95 % +1.0 % to +5.0 %, 8 pairs)',
      );
    });
  });

  it('goes on from what someone else moved the champion to', async () => {
    const steps = scriptedSteps('moved', {
      commit: () => Promise.resolve({ kind: 'stale', detail: 'moved', champion: 'commit-elsewhere' }),
    });
    await withSteps('moved', steps, async () => {
      expect(await (await start('moved', 'moved')).result()).toMatchObject({
        outcome: 'rolledBack',
        reason: 'stale',
        champion: 'commit-elsewhere',
      });
    });
  });

  it('fails only when the rollback itself cannot be done', async () => {
    const steps = scriptedSteps('hopeless', {
      test: () => Promise.resolve({ kind: 'failed', reason: 'tests-failed', detail: 'red' }),
      rollback: () => Promise.reject(ApplicationFailure.nonRetryable('the repository is gone')),
    });
    await withSteps('hopeless', steps, async () => {
      const handle = await start('hopeless', 'hopeless');
      await expect(handle.result()).rejects.toMatchObject({ cause: { cause: { message: 'the repository is gone' } } });
    });
  });
});

function iterationInput(loopId: string, queue: string): IterationInput {
  const ref: IterationRef = {
    loopId,
    repository: '/repository',
    iteration: 7,
    champion: 'base',
    startedAt: '2026-01-01T00:00:00.000Z',
  };
  return { ref, repairs: 0, stepSeconds: scriptedPrepared(loopId, queue).stepSeconds, queue };
}

/** Steps that all go through one function. */
function stepsBy(answer: (step: StepName, input: IterationRef & { attempt?: number }) => Promise<unknown>): Steps {
  return Object.fromEntries(
    stepNames.map((step) => [step, (input: IterationRef) => answer(step, input)]),
  ) as unknown as Steps;
}

/** At most `width` at a time, so that the server is not flooded. */
async function each<T>(items: readonly T[], width: number, use: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const workOff = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await use(item);
  };
  await Promise.all(Array.from({ length: width }, workOff));
}

async function detailsOf(handle: WorkflowHandleWithFirstExecutionRunId<typeof karpathyIteration>): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
