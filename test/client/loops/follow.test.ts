import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import { resultOf } from '../../../client/loops/follow.ts';

/** A handle whose server does not know the workflow at first: another one has its address. */
function handleOf(unknown: number): WorkflowHandle {
  let asked = 0;
  const result = () =>
    asked++ < unknown
      ? Promise.reject(new WorkflowNotFoundError('workflow not found', 'led', undefined))
      : Promise.resolve('ended');
  return { result } as unknown as WorkflowHandle;
}

it('waits for its own server where another one has taken the address, once the workflow was seen', async () => {
  expect(await resultOf(handleOf(2), () => true)).toBe('ended');
});

it('fails at once for a workflow that was never there', async () => {
  await expect(resultOf(handleOf(1))).rejects.toThrow('workflow not found');
});
