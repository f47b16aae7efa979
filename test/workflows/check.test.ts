import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Checks, DoctorAnswer, PickAnswer, VerifyAnswer } from '../../domain/checks.ts';
import type { Steps } from '../../domain/steps.ts';
import { describeWithServer } from '../support/server/describe-with-server.ts';
import { startServer, startWorker } from '../support/server/temporal.ts';

describeWithServer('the small workflows', () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => void (env = await startServer()));
  afterAll(() => env.teardown());

  async function run(id: string, type: string, checks: Partial<Checks>, input: unknown): Promise<unknown> {
    const stop = await startWorker(env, id, checks as Partial<Steps>);
    try {
      return await env.client.workflow.execute(type, { workflowId: id, taskQueue: id, args: [input] });
    } finally {
      await stop();
    }
  }

  it('pass their input to their one activity and return its answer', async () => {
    const asked: unknown[] = [];
    const checks: Checks = {
      verify: (input) => (asked.push(input), Promise.resolve({ verdict: 'confirmed' } as VerifyAnswer)),
      pick: (input) => (asked.push(input), Promise.resolve({ branch: 'b' } as PickAnswer)),
      doctor: (input) => (asked.push(input), Promise.resolve({ runMs: 7 } as DoctorAnswer)),
    };
    expect(await run('verifies', 'karpathyVerify', checks, { commit: 'c' })).toEqual({ verdict: 'confirmed' });
    expect(await run('examines', 'karpathyDoctor', checks, { runs: 3 })).toEqual({ runMs: 7 });
    expect(await run('picks', 'karpathyPick', checks, { iterations: [2] })).toEqual({ branch: 'b' });
    expect(asked).toEqual([{ commit: 'c' }, { runs: 3 }, { iterations: [2] }]);
  });

  it('try again what the world broke, and not what was refused', async () => {
    let attempts = 0;
    const verify: Checks['verify'] = () => {
      attempts++;
      return attempts === 1
        ? Promise.reject(new Error('broken pipe'))
        : Promise.reject(ApplicationFailure.nonRetryable('commit: is none', 'Refused'));
    };
    await expect(run('refuses', 'karpathyVerify', { verify }, {})).rejects.toMatchObject({
      cause: { cause: { message: 'commit: is none' } },
    });
    expect(attempts).toBe(2);
  });
});
