import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSimplePaths } from 'xstate/graph';
import {
  adoptionSteps,
  type AdoptionAnswer,
  type AdoptionResult,
  type SettleInput,
} from '../../../domain/adoption/adoption.ts';
import { linkOf } from '../../../domain/adoption/chain.ts';
import { adoptionMachine, advance, begin, type AdoptionEvent } from '../../../workflows/adoption/machine.ts';
import { scriptedAdoption } from '../../support/adoption/scripted-adoption.ts';
import { describeWithServer } from '../../support/server/describe-with-server.ts';
import { startServer, startWorker } from '../../support/server/temporal.ts';

const events: AdoptionEvent[] = [
  { type: 'passed', text: 'fine' },
  { type: 'failed', text: 'because' },
];
const paths = getSimplePaths(adoptionMachine, { events }).filter(({ state }) => state.status === 'done');
const stepsOf = (outcomes: readonly AdoptionEvent[]) => {
  const steps = [];
  let { snapshot, step } = begin();
  for (const outcome of outcomes) {
    steps.push(step!);
    ({ snapshot, step } = advance(snapshot, outcome));
  }
  return { steps, snapshot };
};

describe('the machine of an adoption', () => {
  it('adopts by one path alone, in the order of the list, and withdraws from each step', () => {
    const ways = paths.map(({ steps }) =>
      stepsOf(steps.map(({ event }) => event).filter(({ type }) => type !== ('xstate.init' as never))),
    );
    const adopted = ways.filter(({ snapshot }) => snapshot.value === 'adopted');
    expect(adopted.map(({ steps }) => steps)).toEqual([[...adoptionSteps, 'adopt']]);
    const withdrawn = ways.filter(({ snapshot }) => snapshot.value === 'withdrawn');
    expect(withdrawn.map(({ steps }) => steps.at(-2)).sort()).toEqual([...adoptionSteps, 'adopt'].sort());
    expect(ways).toHaveLength(adopted.length + withdrawn.length);
  });

  it('keeps findings by which the chain settles as it does', () => {
    for (const { steps } of paths) {
      const { snapshot } = stepsOf(
        steps.map(({ event }) => event).filter(({ type }) => type !== ('xstate.init' as never)),
      );
      const { findings } = snapshot.context;
      const at = { startedAt: '2026-01-02T03:04:05.000Z', endedAt: '2026-01-02T03:04:05.000Z' };
      const link = linkOf({ adoption: 'run', commit: 'c', judge: 'a', returned: null, findings, ...at });
      expect(link.outcome).toBe(snapshot.value);
    }
  });

  it('refuses an event that the state does not allow', () => {
    const { snapshot } = stepsOf([events[1]!]);
    expect(() => advance(snapshot, events[1]!)).toThrow('adoption: "failed" is not allowed in "withdraw"');
  });
});

describeWithServer('the workflow of an adoption', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => (env = await startServer()));
  afterAll(() => env.teardown());

  async function run(id: string, answers: Parameters<typeof scriptedAdoption>[0], isCancelled = false) {
    const log: string[] = [];
    const settled: SettleInput[] = [];
    const activities = scriptedAdoption(answers, (name, input) => {
      log.push(name);
      if ('findings' in input) settled.push(input);
    });
    const stop = await startWorker(env, id, activities);
    try {
      const args = [{ repository: '/repository', commit: 'c'.repeat(40) }];
      const handle = await env.client.workflow.start('karpathyAdoption', { workflowId: id, taskQueue: id, args });
      if (isCancelled) await handle.cancel();
      return { result: (await handle.result()) as AdoptionResult, log, settled };
    } finally {
      await stop();
    }
  }

  it('starts the activities of each path, and no other', async () => {
    for (const [index, { steps }] of paths.entries()) {
      const outcomes = steps.map(({ event }) => event).filter(({ type }) => type !== ('xstate.init' as never));
      const expected = stepsOf(outcomes);
      const answers = Object.fromEntries(
        expected.steps.map((step, at): [string, AdoptionAnswer] => [
          step,
          outcomes[at]!.type === 'passed' ? { kind: 'passed', facts: 'fine' } : { kind: 'failed', detail: 'because' },
        ]),
      );
      const { result, log } = await run(`path-${index}`, answers);
      expect([log, result.outcome]).toEqual([expected.steps, expected.snapshot.value]);
    }
  });

  it('withdraws where a step breaks for good', async () => {
    const broken = ApplicationFailure.nonRetryable('the disk is gone');
    const { result, log } = await run('broken', { rehearse: broken });
    expect(result).toMatchObject({ outcome: 'withdrawn', reason: 'rehearse: the disk is gone' });
    expect(log.at(-1)).toBe('withdraw');
  });

  it('withdraws on a cancel, with what was found so far', async () => {
    const { result, settled } = await run('cancelled', { accompany: 'until cancelled' }, true);
    expect(result.outcome).toBe('withdrawn');
    expect(settled).toHaveLength(1);
    expect(settled[0]!.findings.at(-1)).toMatchObject({ passed: false, text: 'was cancelled' });
  });
});
