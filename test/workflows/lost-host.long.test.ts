import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RollbackInput, StepName, Steps } from '../../domain/steps.ts';
import type { IterationStatus } from '../../workflows/messages.ts';
import type { karpathyIteration } from '../../workflows/iteration.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { activitiesStarted } from '../support/server/histories.ts';
import { proposal, scriptedPrepared, scriptedSteps, scriptedVerdict } from '../support/server/scripted-steps.ts';
import { stepNames } from '../support/step-names.ts';
import { startServer, startWorker } from '../support/server/temporal.ts';

/** Longer than a worker in a test needs to take a step, and short for one that nobody takes. */
const hostTimeoutSeconds = 2;

/** A worker that dies in the middle of a step: it takes it, says nothing more, and polls no more. */
interface Dying {
  queue: string;
  /** Whether it takes the step before it dies. */
  takes: boolean;
  step: StepName;
}

describeWithServer('an iteration that loses its host', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  const start = (id: string) => {
    const ref = {
      loopId: id,
      repository: '/repository',
      iteration: 7,
      champion: 'base',
      startedAt: '2026-01-01T00:00:00.000Z',
    };
    const { stepSeconds } = scriptedPrepared(id, id);
    const input = { ref, repairs: 0, stepSeconds, queue: id, hostTimeoutSeconds };
    return env.client.workflow.start<typeof karpathyIteration>('karpathyIteration', {
      workflowId: id,
      taskQueue: id,
      args: [input],
    });
  };

  /**
   * Runs an iteration on hosts of which the first ones die in the middle, one after another; the last one is the loop's own worker.
   */
  async function run(id: string, dying: readonly Omit<Dying, 'queue'>[], overrides: Partial<Steps> = {}) {
    const seen = { rolledBack: [] as RollbackInput[], asked: 0, statuses: [] as IterationStatus[] };
    const hosts = await Promise.all(
      dying.map((death, at) => startDying(env, { ...death, queue: `${id}/host-${at}` }, overrides)),
    );
    const collects = dying.map((_, at) => `${id}/host-${at}`);
    const own = scriptedSteps(id, {
      ...overrides,
      collect: async () => {
        if (dying.length > collects.length)
          seen.statuses.push(await env.client.workflow.getHandle(id).query<IterationStatus>('status'));
        return { queue: collects.shift() ?? id, profile: null, metric: 100, seconds: 1 };
      },
      hypothesize: (input) => (seen.asked++, Promise.resolve(proposal(input.iteration, input.attempt))),
      rollback: (input) => (seen.rolledBack.push(input), (overrides.rollback ?? scriptedSteps(id).rollback)(input)),
    });
    const stop = await startWorker(env, id, own);
    try {
      const handle = await start(id);
      const result = await handle.result();
      const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      const history = await handle.fetchHistory();
      return {
        result,
        ...seen,
        started: activitiesStarted(history),
        story: metadata.currentDetails,
        status: await handle.query<IterationStatus>('status'),
      };
    } finally {
      await Promise.all([stop(), ...hosts.map((end) => end())]);
    }
  }

  it.each<StepName>(['analyze', 'apply', 'test', 'benchmark', 'challenge', 'commit'])(
    'in %s starts again on another worker, and says so',
    async (step) => {
      const { result, asked, started, story, status, statuses, rolledBack } = await run(`lost-in-${step}`, [
        { step, takes: false },
      ]);
      expect(result).toMatchObject({ outcome: 'committed', champion: 'commit-7', title: 'Idea 7.0', tokens: 100 });
      expect(asked).toBe(1);
      const order = ['collect', 'analyze', 'hypothesize', 'apply', 'test', 'benchmark', 'challenge', 'commit'];
      const before = order.slice(0, order.indexOf(step));
      const kept = step !== 'analyze';
      expect(started).toEqual([
        ...before,
        ...order.filter((name) => !kept || (name !== 'analyze' && name !== 'hypothesize')),
      ]);
      const why = `(no worker took ${step} from lost-in-${step}/host-0 for 2 s)`;
      expect(statuses).toMatchObject([
        { state: 'collect', hostLost: `host lost: starts again on another worker ${why}` },
      ]);
      expect(status.hostLost).toBe(`host lost: started again on lost-in-${step} ${why}`);
      expect(story).toContain('host lost: started again on');
      expect(rolledBack).toEqual([]);
    },
  );

  it('that dies in the middle of a decision twice ends as infrastructure on the queue of the loop', async () => {
    const dies = { step: 'benchmark', takes: true } as const;
    const { result, rolledBack, story } = await run('two-decisions', [dies, dies]);
    expect(result).toMatchObject({ outcome: 'failed', reason: 'infrastructure' });
    expect(rolledBack).toMatchObject([
      { reason: 'infrastructure', tree: null, verdict: null, hypothesis: { title: 'Idea 7.0' }, seconds: 2 },
    ]);
    expect(rolledBack[0]!.detail).toBe(
      'host lost: no worker took benchmark from two-decisions/host-1 for 2 s; a second decision was lost with it',
    );
    expect(story).toContain('a second decision was lost with it');
  });

  it('may lose one that had not begun to decide, and decide twice still', async () => {
    const { result } = await run('not-begun', [
      { step: 'benchmark', takes: false },
      { step: 'benchmark', takes: true },
    ]);
    expect(result).toMatchObject({ outcome: 'committed' });
  });

  it('for the fourth time ends as infrastructure', async () => {
    const dies = { step: 'apply', takes: true } as const;
    const { result, rolledBack, asked } = await run('four-hosts', [dies, dies, dies, dies]);
    expect(result).toMatchObject({ outcome: 'failed', reason: 'infrastructure' });
    expect(rolledBack[0]!.detail).toBe(
      'host lost: no worker took apply from four-hosts/host-3 for 2 s; it had started again 3 times',
    );
    expect(asked).toBe(1);
  });

  it('after its verdict, in the rollback, is recorded by another worker, without a judgement that has no evidence', async () => {
    const benchmark: Steps['benchmark'] = () =>
      Promise.resolve({
        kind: 'judged',
        verdict: scriptedVerdict('undecided', 0.98),
        objection: { reason: 'undecided', detail: 'not clear' },
      });
    const { result, rolledBack, started } = await run('lost-in-rollback', [{ step: 'rollback', takes: false }], {
      benchmark,
    });
    expect(result).toMatchObject({ outcome: 'failed', reason: 'infrastructure' });
    expect(rolledBack).toMatchObject([
      {
        reason: 'infrastructure',
        tree: null,
        verdict: null,
        detail: expect.stringContaining('it was undecided: not clear') as unknown,
      },
    ]);
    expect(started.slice(-1)).toEqual(['rollback']);
  });

  it('before a verdict, in the rollback, keeps its reason', async () => {
    const apply: Steps['apply'] = () =>
      Promise.resolve({ kind: 'refused', reason: 'edit-refused', detail: 'no match', tree: null });
    const { rolledBack } = await run('edit-refused', [{ step: 'rollback', takes: false }], { apply });
    expect(rolledBack).toMatchObject([{ reason: 'edit-refused', detail: 'no match' }]);
  });

  it('after a commit of which the answer was lost comes out as committed', async () => {
    const rollback: Steps['rollback'] = () =>
      Promise.resolve({ outcome: 'committed', reason: null, commit: 'commit-of-the-lost-host' });
    const lost: Dying['step'] = 'commit';
    const found = await run('answer-lost', [{ step: lost, takes: true }], { rollback });
    // The commit step of the second host finds the record of the first: here the same commit.
    expect(found.result).toMatchObject({ outcome: 'committed', champion: 'commit-7' });
    const gone = await run(
      'answer-lost-twice',
      [
        { step: lost, takes: true },
        { step: lost, takes: true },
      ],
      { rollback },
    );
    expect(gone.result).toMatchObject({ outcome: 'committed', champion: 'commit-of-the-lost-host', reason: null });
  });

  it('says in the record of a later breakdown that a host was lost before', async () => {
    const test: Steps['test'] = () => Promise.reject(ApplicationFailure.nonRetryable('the disk is full'));
    const { rolledBack } = await run('broken-later', [{ step: 'apply', takes: false }], { test });
    expect(rolledBack[0]!.detail).toBe(
      'test: the disk is full; host lost: no worker took apply from broken-later/host-0 for 2 s before',
    );
  });
});

/** @returns a function that waits until all of the worker is gone */
async function startDying(
  env: TestWorkflowEnvironment,
  { queue, step, takes }: Dying,
  overrides: Partial<Steps>,
): Promise<() => Promise<unknown>> {
  const steps = scriptedSteps(queue, overrides);
  let gone: Promise<unknown> | undefined;
  const dieAfterThis = () => void (gone ??= stop().catch(() => {}));
  const before = (name: StepName) => stepNames[stepNames.indexOf(name) - (name === 'apply' ? 3 : 1)]!;
  const last = takes ? step : step === 'rollback' ? (overrides.apply ? 'apply' : 'benchmark') : before(step);
  const dying = {
    ...steps,
    [last]: takes
      ? () => (dieAfterThis(), new Promise<never>(() => undefined))
      : async (input: never) => {
          dieAfterThis();
          await pause(300);
          return (steps[last] as (input: never) => Promise<unknown>)(input);
        },
  };
  const stop =
    last === 'collect'
      ? () => Promise.resolve()
      : await startWorker(env, queue, dying, { shutdownGraceTime: takes ? '0s' : '1s', shutdownForceTime: '2s' });
  return () => gone ?? stop();
}
