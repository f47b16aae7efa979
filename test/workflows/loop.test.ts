import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Steps } from '../../domain/steps.ts';
import { toLine } from '../../domain/text.ts';
import { inputProblem } from '../../workflows/loop-state.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { activitiesStarted } from '../support/server/histories.ts';
import { deferred, withLoop, type LoopHandle, type LoopLog, type LoopScript } from '../support/server/loop-run.ts';
import {
  proposal,
  scriptedPrepared,
  scriptedSteps,
  scriptedVerdict,
  untilCancelled,
} from '../support/server/scripted-steps.ts';
import { startServer, startWorker, temporalBinary } from '../support/server/temporal.ts';

const noHypothesis: Partial<Steps> = {
  hypothesize: () => Promise.resolve({ kind: 'none', detail: 'no JSON', tokens: 40 }),
};
const failingTests: Partial<Steps> = {
  test: () => Promise.resolve({ kind: 'failed', reason: 'tests-failed', detail: 'red' }),
};
const duplicates: Partial<Steps> = {
  apply: () => Promise.resolve({ kind: 'refused', reason: 'duplicate', detail: 'equal to iteration 1', tree: 'tree' }),
};
const anHourEach: Partial<Steps> = {
  hypothesize: ({ iteration }) => Promise.resolve({ ...proposal(iteration), seconds: 3_600, waited: 36_000 }),
  benchmark: () =>
    Promise.resolve({ kind: 'judged', verdict: scriptedVerdict('accepted', 0.8), objection: null, seconds: 3_600 }),
};
const downTo0: Partial<Steps> = {
  benchmark: () => Promise.resolve({ kind: 'judged', verdict: scriptedVerdict('accepted', 0), objection: null }),
};

const measured = '20.0 % better (95 % +18.0 % to +22.0 %, 8 pairs)';
const committed = (iteration: number) => ({
  ...{ iteration, outcome: 'committed', reason: null, title: `Idea ${iteration}.0`, detail: '' },
  ...{ measured, reportedRatio: 0.8 },
});

describeWithServer('karpathyLoop', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  const run = <T>(id: string, script: LoopScript, use: (handle: LoopHandle, log: LoopLog) => Promise<T>) =>
    withLoop(env, id, script, use);
  const phaseBecomes = (handle: LoopHandle, phase: string) =>
    expect.poll(() => handle.query<unknown>('status')).toMatchObject({ phase });

  it('runs one child per iteration, each on the champion of the one before, and finishes', async () => {
    await run('plain', {}, async (handle, log) => {
      expect(await handle.result()).toEqual({
        ...{
          loopId: 'plain',
          phase: 'ended',
          stop: 'iterations',
          model: 'scripted',
          summary: 'A scripted loop.',
          notes: [],
          hint: null,
        },
        ...{ iteration: 3, iterations: 3, champion: 'champion-at-the-end', branchPending: null, headToHead: null },
        ...{ repository: '/repository', branch: 'karpathy-loop/plain', headline: null, ignored: [] },
        ...{
          committed: 3,
          rolledBack: 0,
          failed: 0,
          consecutiveFailures: 0,
          stagnation: 0,
          spent: { model: 0, benchmark: 0, waiting: 0 },
          tokens: 300,
          hours: expect.any(Number) as unknown,
        },
        last: committed(3),
        recent: [committed(1), committed(2), committed(3)],
      });
      expect(log).toMatchObject({ began: ['1 on base', '2 on commit-1', '3 on commit-2'], finished: 1, prepared: 1 });
      for (const n of [1, 2, 3])
        expect((await env.client.workflow.getHandle(`plain/iter-${n}`).describe()).status.name).toBe('COMPLETED');
    });
  });

  it('adds at most 10 events to its history for each iteration, and each child keeps within 60', async () => {
    const lengths = [];
    for (const iterations of [2, 12]) {
      const id = `events-${iterations}`;
      lengths.push(
        await run(id, { limits: { iterations } }, async (handle) => (await handle.result(), lengthOf(handle))),
      );
    }
    expect((lengths[1]! - lengths[0]!) / 10).toBeLessThanOrEqual(10);
    expect(await lengthOf(env.client.workflow.getHandle('events-12/iter-12'))).toBeLessThanOrEqual(60);
  });

  it.each<[string, LoopScript, { stop: string; iteration: number }]>([
    ['iterations', { limits: { iterations: 2 } }, { stop: 'iterations', iteration: 2 }],
    ['hours', { limits: { hours: 1e-9 } }, { stop: 'hours', iteration: 1 }],
    ['tokens', { limits: { tokens: 150 } }, { stop: 'tokens', iteration: 2 }],
    [
      'failures',
      { limits: { iterations: 9, consecutiveFailures: 4 }, steps: noHypothesis },
      { stop: 'consecutive failures', iteration: 4 },
    ],
    [
      'stagnation',
      { limits: { iterations: 9, stagnation: 3 }, steps: duplicates },
      { stop: 'stagnation', iteration: 3 },
    ],
    [
      'model hours',
      { limits: { iterations: 9, modelHours: 1.5 }, steps: anHourEach },
      { stop: 'model hours', iteration: 2 },
    ],
    [
      'benchmark hours',
      { limits: { iterations: 9, benchmarkHours: 2.5 }, steps: anHourEach },
      { stop: 'benchmark hours', iteration: 3 },
    ],
    ['none', { limits: { consecutiveFailures: 2 }, steps: failingTests }, { stop: 'iterations', iteration: 3 }],
    ['a metric at 0', { limits: { iterations: 9 }, steps: downTo0 }, { stop: 'nothing left to gain', iteration: 1 }],
  ])('ends by the rule of %s', async (name, script, expected) => {
    await run(`rule-${name}`, script, async (handle, log) => {
      expect(await handle.result()).toMatchObject(expected);
      expect([log.began.length, log.finished]).toEqual([expected.iteration, 1]);
    });
  });

  it('counts failures in a row only, and a cancelled iteration not at all', async () => {
    const hypothesize: Steps['hypothesize'] = async ({ loopId, iteration }) => {
      if (iteration === 2) {
        await env.client.workflow.getHandle(`${loopId}/iter-2`).cancel();
        return untilCancelled();
      }
      return { kind: 'none', detail: 'no JSON', tokens: 1 };
    };
    await run(
      'cancelled-between',
      { limits: { iterations: 9, consecutiveFailures: 3 }, steps: { hypothesize } },
      async (handle) => {
        expect(await handle.result()).toMatchObject({ stop: 'consecutive failures', failed: 4, iteration: 4 });
      },
    );
  });

  it('counts what brought nothing new in a row, a duplicate too, until something is measured', async () => {
    const apply: Steps['apply'] = ({ iteration }) =>
      Promise.resolve(
        iteration === 3
          ? { kind: 'applied', tree: 'tree-3', files: [] }
          : { kind: 'refused', reason: iteration === 2 ? 'edit-refused' : 'duplicate', detail: 'no', tree: null },
      );
    await run('stagnates', { limits: { iterations: 9, stagnation: 3 }, steps: { apply } }, async (handle) => {
      expect(await handle.result()).toMatchObject({ stop: 'stagnation', iteration: 6, committed: 1, stagnation: 3 });
    });
  });

  it('fails at once, with the cause, for a fault that lasts: its record is written, and no other iteration begins', async () => {
    const cause = 'hypothesis.model: "coder:7b" is not there; run "ollama pull coder:7b"';
    const hypothesize: Steps['hypothesize'] = ({ iteration }) =>
      iteration === 1
        ? Promise.resolve(proposal(1))
        : Promise.reject(ApplicationFailure.nonRetryable(cause, 'LastingFault'));
    await run('lasting', { limits: { iterations: 9 }, steps: { hypothesize } }, async (handle, log) => {
      const failure = await handle.result().catch((error: unknown) => (error as Error).cause as ApplicationFailure);
      expect(failure).toMatchObject({ message: cause, type: 'LastingFault' });
      expect(log).toMatchObject({ began: ['1 on base', '2 on commit-1'], finished: 1 });
      const child = env.client.workflow.getHandle('lasting/iter-2');
      expect(await child.result()).toMatchObject({ reason: 'infrastructure', detail: `hypothesize: ${cause}` });
    });
  });

  it('goes on after the last record of a ledger that is there', async () => {
    const prepare: Steps['prepare'] = ({ loopId }) =>
      Promise.resolve({ ...scriptedPrepared(loopId, loopId), nextIteration: 3, champion: 'later' });
    await run('went-on', { steps: { prepare } }, async (handle, log) => {
      expect(await handle.result()).toMatchObject({ iteration: 3, committed: 1 });
      expect(log.began).toEqual(['3 on later']);
    });
  });

  it('pauses between iterations, resumes and stops by updates that answer, and refuses what makes no sense', async () => {
    const [reached, released] = [deferred(), deferred()];
    const test: Steps['test'] = async () => (reached.resolve(), await released.promise, { kind: 'passed' });
    await run('updates', { limits: { iterations: 9 }, steps: { test } }, async (handle, log) => {
      await reached.promise;
      await expect(handle.executeUpdate('resume')).rejects.toMatchObject({
        cause: { message: 'resume: the loop is not paused; there is nothing to do' },
      });
      expect(await handle.executeUpdate('pause')).toMatchObject({ phase: 'pausing', iteration: 1 });
      await expect(handle.executeUpdate('pause')).rejects.toMatchObject({
        cause: { message: expect.stringContaining('is paused already') as unknown },
      });
      released.resolve();
      await phaseBecomes(handle, 'paused');
      expect(await handle.executeUpdate('resume')).toMatchObject({ committed: 1 });
      await expect.poll(() => log.began.length).toBeGreaterThan(1);
      for (const input of ['now', { now: 1 }, { then: true }]) {
        await expect(handle.executeUpdate('stop', { args: [input] })).rejects.toMatchObject({
          cause: { message: expect.stringContaining('not understood') as unknown },
        });
      }
      expect(await handle.executeUpdate('stop')).toMatchObject({ phase: 'stopping', stop: 'stop request' });
      const result = await handle.result();
      expect(result).toMatchObject({ phase: 'ended', stop: 'stop request', failed: 0 });
      expect(result.committed).toBeLessThan(9);
    });
  });

  it('tells whoever proposes a hint from the next iteration on, through new runs, until it is taken back', async () => {
    const told: (string | undefined)[] = [];
    const hypothesize: Steps['hypothesize'] = async (input) => {
      told.push(input.hint);
      const loop = env.client.workflow.getHandle(input.loopId);
      if (input.iteration === 1) {
        for (const [bad, why] of [
          [{ text: 'a\nb' }, 'control character'],
          [{ text: 'x'.repeat(501) }, 'has 501 characters'],
          [{ text: 1 }, 'not understood'],
          ['text', 'not understood'],
          [{ text: 'a', now: true }, 'not understood'],
        ] as const)
          await expect(loop.executeUpdate('hint', { args: [bad] })).rejects.toMatchObject({
            cause: { message: expect.stringContaining(why) as unknown },
          });
        expect(await loop.executeUpdate('hint', { args: [{ text: ' Try a heap. ' }] })).toMatchObject({
          hint: 'Try a heap.',
        });
      }
      if (input.iteration === 3) await loop.signal('hint', { text: '' });
      return { kind: 'none', detail: 'no JSON', tokens: 1 };
    };
    const script = { limits: { iterations: 4, repairs: 0 }, steps: { hypothesize }, carried: { perRun: 1 } };
    await run('hints', script, async (handle) => {
      expect(await handle.result()).toMatchObject({ failed: 4, hint: null });
      expect(told).toEqual([undefined, 'Try a heap.', 'Try a heap.', undefined]);
    });
  });

  it('tells its story in the UI, and leaves what it has reached on the server', async () => {
    const [reached, released] = [deferred(), deferred()];
    const test: Steps['test'] = async ({ iteration }) => {
      if (iteration < 3) return { kind: 'failed', reason: 'tests-failed', detail: 'red' };
      return (reached.resolve(), await released.promise, { kind: 'passed' });
    };
    const finish: Steps['finish'] = () =>
      Promise.resolve({ champion: 'commit-3', branchPending: null, headToHead: null, headline: '48.5 % better' });
    const hypothesize: Steps['hypothesize'] = ({ iteration }) => {
      const { kind, hypothesis, tokens } = proposal(iteration) as Extract<
        Awaited<ReturnType<Steps['hypothesize']>>,
        { kind: 'hypothesis' }
      >;
      return Promise.resolve({
        kind,
        tokens,
        hypothesis: { ...hypothesis, title: toLine(`A | b\` [c](d) ${iteration}`) },
      });
    };
    const steps = { test, finish, hypothesize };
    await run('story', { steps }, async (handle) => {
      await reached.promise;
      const told = await detailsOf(handle);
      const page = (n: number) => `/namespaces/default/workflows/story%2Fiter-${n}`;
      expect(told).toContain(`**running**: [iteration 3 of 3](${page(3)}); 0 committed, 2 rolled back, 0 failed`);
      expect(told).toContain('Champion: `base` on branch `karpathy-loop/story`');
      expect(told).toContain(`| [2](${page(2)}) | rolledBack: tests-failed |  | \`A \\| b [c](d) 2\` |`);
      released.resolve();
      const { recent } = await handle.result();
      expect(recent.map(({ measured: text }) => text)).toEqual([null, null, measured]);
      expect(await detailsOf(handle)).toContain('In total: **48.5 % better**');
      const { memo } = await handle.describe();
      expect(memo).toMatchObject({
        repository: '/repository',
        status: { phase: 'ended', champion: 'commit-3', committed: 1, headline: '48.5 % better', last: { measured } },
      });
      const child = env.client.workflow.getHandle('story/iter-3');
      expect(await child.result()).toMatchObject({ ratio: 0.8, pairs: 8 });
      expect(await summariesOf(child)).toMatchObject({
        collect: 'metric and profile of base',
        analyze: 'hotspots at a metric of 100',
        hypothesize: 'hottest: src/sum.js: sum',
        benchmark: 'A | b` [c](d) 3',
      });
    });
  });

  it('does the same by signals, and ignores one that would be refused', async () => {
    const [reached, released] = [deferred(), deferred()];
    const test: Steps['test'] = async () => (reached.resolve(), await released.promise, { kind: 'passed' });
    await run('signals', { limits: { iterations: 9 }, steps: { test } }, async (handle, log) => {
      await reached.promise;
      await handle.signal('resume');
      await handle.signal('pause');
      await handle.signal('pause');
      released.resolve();
      await phaseBecomes(handle, 'paused');
      expect(log.began).toHaveLength(1);
      await handle.signal('stop', 'nonsense');
      await handle.signal('pauze');
      await phaseBecomes(handle, 'paused');
      const told = await detailsOf(handle);
      for (const why of [
        'pause: the loop is paused already',
        'stop: the input is not',
        'pauze: is no signal of a loop',
      ])
        expect(told).toContain(why);
      await handle.signal('stop');
      expect(await handle.result()).toMatchObject({ stop: 'stop request', committed: 1 });
    });
  });

  it('takes the same from the temporal command line', async () => {
    const released = deferred();
    const prepare: Steps['prepare'] = async ({ loopId }) => (await released.promise, scriptedPrepared(loopId, loopId));
    const temporal = (...args: string[]) =>
      execa(temporalBinary, ['workflow', ...args, '--address', env.address, '-w', 'command-line', '-o', 'json']);
    await run('command-line', { steps: { prepare } }, async (handle, log) => {
      expect((await temporal('update', 'execute', '--name', 'pause')).stdout).toContain('"pausing"');
      await expect(temporal('update', 'execute', '--name', 'pause')).rejects.toThrow('paused already');
      await temporal('signal', '--name', 'resume');
      expect((await temporal('query', '--name', 'status')).stdout).toContain('"preparing"');
      await temporal('update', 'execute', '--name', 'stop', '--input', '{"now": false}');
      released.resolve();
      expect(await handle.result()).toMatchObject({
        stop: 'stop request',
        iteration: 0,
        champion: 'champion-at-the-end',
      });
      expect(log).toMatchObject({ began: [], finished: 1 });
    });
  });

  it.each(['update', 'signal'])(
    'stops at once by %s: the iteration under way is rolled back, the loop ends well',
    async (means) => {
      const reached = deferred();
      const benchmark: Steps['benchmark'] = () => (reached.resolve(), untilCancelled());
      await run(`now-${means}`, { steps: { benchmark } }, async (handle, log) => {
        await reached.promise;
        await (means === 'update'
          ? handle.executeUpdate('stop', { args: [{ now: true }] })
          : handle.signal('stop', { now: true }));
        expect(await handle.result()).toMatchObject({
          stop: 'stop request',
          failed: 1,
          consecutiveFailures: 0,
          last: { reason: 'cancelled' },
        });
        expect(log).toMatchObject({
          rolledBack: [{ iteration: 1, reason: 'cancelled', hypothesis: { title: 'Idea 1.0' } }],
          finished: 1,
        });
      });
    },
  );

  it('stops at once while it prepares, with nothing to finish', async () => {
    const reached = deferred();
    const prepare: Steps['prepare'] = () => (reached.resolve(), untilCancelled());
    await run('now-preparing', { steps: { prepare } }, async (handle, log) => {
      await reached.promise;
      await handle.executeUpdate('stop', { args: [{ now: true }] });
      expect(await handle.result()).toMatchObject({
        phase: 'ended',
        stop: 'stop request',
        champion: null,
        branchPending: null,
      });
      expect(log.finished).toBe(0);
    });
  });

  it('rolls back, finishes and ends as cancelled when it is cancelled', async () => {
    const reached = deferred();
    const benchmark: Steps['benchmark'] = () => (reached.resolve(), untilCancelled());
    await run('cancelled', { steps: { benchmark } }, async (handle, log) => {
      await reached.promise;
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(log).toMatchObject({ rolledBack: [{ iteration: 1, reason: 'cancelled' }], finished: 1 });
      expect(await handle.query('status')).toMatchObject({ phase: 'ended', stop: 'cancelled', failed: 1 });
    });
  });

  it('ends as cancelled from a pause, too', async () => {
    const released = deferred();
    const prepare: Steps['prepare'] = async ({ loopId }) => (await released.promise, scriptedPrepared(loopId, loopId));
    await run('cancelled-paused', { steps: { prepare } }, async (handle, log) => {
      await handle.executeUpdate('pause');
      released.resolve();
      await phaseBecomes(handle, 'paused');
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      expect(log).toMatchObject({ began: [], finished: 1 });
    });
  });

  it('lets its iteration roll back even when it is terminated', async () => {
    const reached = deferred();
    const benchmark: Steps['benchmark'] = () => (reached.resolve(), untilCancelled());
    await run('terminated', { steps: { benchmark } }, async (handle, log) => {
      await reached.promise;
      await handle.terminate();
      await expect.poll(() => log.rolledBack).toMatchObject([{ reason: 'cancelled' }]);
    });
  });

  it('writes the record of an iteration whose workflow was terminated, and goes on', async () => {
    const benchmark: Steps['benchmark'] = async ({ loopId, iteration }) => {
      if (iteration !== 2) return { kind: 'failed', reason: 'benchmark-failed', detail: 'no metric' };
      await env.client.workflow.getHandle(`${loopId}/iter-2`).terminate('by hand');
      return untilCancelled();
    };
    await run('child-lost', { steps: { benchmark } }, async (handle, log) => {
      expect(await handle.result()).toMatchObject({ iteration: 3, rolledBack: 2, failed: 1 });
      expect(log.rolledBack.map(({ iteration, reason }) => [iteration, reason])).toEqual([
        [1, 'benchmark-failed'],
        [2, 'infrastructure'],
        [3, 'benchmark-failed'],
      ]);
      expect(log.rolledBack[1]).toMatchObject({
        champion: 'base',
        hypothesis: null,
        detail: expect.stringMatching(/ended without a result: .*terminated/i) as unknown,
      });
    });
  });

  it('goes on from a commit that a lost iteration had made', async () => {
    const commit: Steps['commit'] = async ({ loopId, iteration }) => {
      if (iteration === 1) await env.client.workflow.getHandle(`${loopId}/iter-1`).terminate();
      return { kind: 'committed', commit: `commit-${iteration}` };
    };
    const rollback: Steps['rollback'] = () =>
      Promise.resolve({ outcome: 'committed', reason: null, commit: 'commit-1' });
    await run('commit-lost', { limits: { iterations: 2 }, steps: { commit, rollback } }, async (handle, log) => {
      expect(await handle.result()).toMatchObject({ committed: 2 });
      expect(log.began).toEqual(['1 on base', '2 on commit-1']);
    });
  });

  it('cancels an iteration that an earlier run had begun, waits for its end, and goes on by the ledger', async () => {
    const released = deferred();
    const earlierSteps = scriptedSteps('earlier', {
      collect: () => untilCancelled(),
      rollback: async () => (await released.promise, { outcome: 'failed', reason: 'cancelled' }),
    });
    const stop = await startWorker(env, 'earlier', earlierSteps);
    const { stepSeconds, ...prepared } = scriptedPrepared('waits', 'earlier');
    const ref = { ...prepared, iteration: 1, startedAt: '2026-01-01T00:00:00.000Z' };
    const earlier = await env.client.workflow.start('karpathyIteration', {
      workflowId: 'waits/iter-1',
      taskQueue: 'earlier',
      args: [{ ref, repairs: 0, stepSeconds, queue: 'earlier' }],
    });
    let nextIteration = 1;
    const prepare: Steps['prepare'] = ({ loopId }) =>
      Promise.resolve({ ...scriptedPrepared(loopId, loopId, { iterations: 2 }), nextIteration });
    await run('waits', { steps: { prepare } }, async (handle, log) => {
      await expect.poll(async () => JSON.stringify(await handle.fetchHistory())).toContain('EVENT_TYPE_TIMER_STARTED');
      expect(log.began).toEqual([]);
      nextIteration = 2;
      released.resolve();
      expect(await earlier.result()).toMatchObject({ outcome: 'failed', reason: 'cancelled' });
      expect(await handle.result()).toMatchObject({ committed: 1, iteration: 2 });
      expect(log).toMatchObject({ began: ['2 on base'], prepared: 2 });
    }).finally(stop);
  });

  it.each([
    ['null', null, 'input: the second value is null; give one JSON object, the config'],
    ['text', '{}', 'input: the second value is "{}"; give one JSON object, the config'],
    [
      'forged',
      { prepared: {} },
      'input: the second value has "prepared", which only a loop hands to its next run; give',
    ],
    ['no-number', { perRun: 0 }, 'input: the second value is {"perRun":0}; give one JSON object, the config'],
  ])('refuses at once a second input that is not its own: %s', async (name, carried, message) => {
    await run(`second-${name}`, { carried: carried as object }, async (handle, log) => {
      await expect(handle.result()).rejects.toMatchObject({
        cause: { type: 'Refused', message: expect.stringContaining(message) as unknown },
      });
      expect(log).toMatchObject({ prepared: 0, finished: 0 });
    });
  });

  it('refuses a cron, and names what does what it means', () => {
    expect(inputProblem(undefined, { cronSchedule: '0 22 * * *' })).toContain('karpathy-loop schedule create');
    expect(inputProblem({ perRun: 2 }, {})).toBeNull();
    expect(inputProblem({ perRun: 2, next: 3 }, { continuedFromExecutionRunId: 'run' })).toBeNull();
  });

  it('ends a workflow of a type that is not known, and names those that are', async () => {
    const stop = await startWorker(env, 'type', scriptedSteps('type'));
    const started = env.client.workflow.execute('karpathyloop', { workflowId: 'type', taskQueue: 'type', args: [{}] });
    await expect(started).rejects.toMatchObject({
      cause: {
        message:
          'type: "karpathyloop" is no workflow type of these workers; give one of karpathyLoop, karpathyIteration, karpathyVerify, karpathyPick, karpathyDoctor, karpathyAdoption',
      },
    });
    await stop();
  });

  it('names its loop legally where its own id, as that of a schedule, is not', async () => {
    await run('nightly-2026-11-28T23:51:50Z', { limits: { iterations: 1 } }, async (handle) => {
      expect(await handle.result()).toMatchObject({ loopId: 'nightly-2026-11-28T235150Z', committed: 1 });
      await env.client.workflow.getHandle('nightly-2026-11-28T235150Z/iter-1').describe();
    });
  });

  it('continues as new between iterations: numbers, champion and counts go on, nothing is prepared twice', async () => {
    await run('continued', { limits: { iterations: 5 }, carried: { perRun: 2 } }, async (handle, log) => {
      expect(await handle.result()).toMatchObject({ iteration: 5, committed: 5, tokens: 500, stop: 'iterations' });
      expect(log).toMatchObject({
        began: ['1 on base', '2 on commit-1', '3 on commit-2', '4 on commit-3', '5 on commit-4'],
        prepared: 1,
        finished: 1,
      });
      const first = env.client.workflow.getHandle('continued', handle.firstExecutionRunId, { followRuns: false });
      expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
      expect(activitiesStarted(await first.fetchHistory())).toEqual(['prepare']);
      expect(activitiesStarted(await env.client.workflow.getHandle('continued').fetchHistory())).toEqual(['finish']);
    });
  });

  it('fails with what prepare refused, word for word, before any iteration', async () => {
    const lines = 'editable: is missing; give a value of type array\ntests: unknown field; known here: test';
    const prepare: Steps['prepare'] = () => Promise.reject(ApplicationFailure.nonRetryable(lines, 'Refused'));
    await run('refused', { steps: { prepare } }, async (handle, log) => {
      await expect(handle.result()).rejects.toMatchObject({
        cause: { name: 'ApplicationFailure', type: 'Refused', message: lines },
      });
      expect((await handle.describe()).status.name).toBe('FAILED');
      expect(log).toMatchObject({ began: [], finished: 0, prepared: 1 });
    });
  });

  it('hands the config to prepare as it was written, with its own id and the time of its start', async () => {
    const inputs: unknown[] = [];
    const steps = scriptedSteps('as-written', {
      prepare: (input) => {
        inputs.push(input);
        throw ApplicationFailure.nonRetryable('enough', 'Refused');
      },
    });
    const stop = await startWorker(env, 'as-written', steps);
    for (const [at, args] of [['{"iterations": 1}'], [{ iterations: 1 }], []].entries()) {
      await env.client.workflow
        .execute('karpathyLoop', { workflowId: `as-written-${at}`, taskQueue: 'as-written', args })
        .catch(() => {});
    }
    await stop();
    const startedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown;
    expect(inputs).toEqual([
      { loopId: 'as-written-0', config: '{"iterations": 1}', startedAt },
      { loopId: 'as-written-1', config: { iterations: 1 }, startedAt },
      { loopId: 'as-written-2', startedAt },
    ]);
  });
});

/** The current details, as the Temporal UI asks for them. */
async function detailsOf(handle: Pick<LoopHandle, 'query'>): Promise<string> {
  return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
}

async function summariesOf(handle: Pick<LoopHandle, 'fetchHistory'>): Promise<Record<string, unknown>> {
  const { events } = await handle.fetchHistory();
  const summaries: Record<string, unknown> = {};
  for (const { activityTaskScheduledEventAttributes: scheduled, userMetadata } of events ?? [])
    if (scheduled)
      summaries[scheduled.activityType!.name!] = defaultPayloadConverter.fromPayload(userMetadata!.summary!);
  return summaries;
}

async function lengthOf(handle: { fetchHistory: LoopHandle['fetchHistory'] }): Promise<number> {
  return (await handle.fetchHistory()).events?.length ?? 0;
}
