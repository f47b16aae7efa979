import { executeChild, proxyActivities, workflowInfo } from '@temporalio/workflow';

const { noOp } = proxyActivities<{ noOp(startedAt: string): Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** The shape of `karpathyLoop` and nothing else: one activity, a child workflow per iteration, one activity. */
export async function bareLoop(iterations: number): Promise<void> {
  const { workflowId } = workflowInfo();
  await noOp('');
  for (let iteration = 1; iteration <= iterations; iteration++)
    await executeChild(bareIteration, { workflowId: `${workflowId}/iter-${iteration}` });
  await noOp('');
}

/** Eight activities in a row, as an iteration has steps. */
export async function bareIteration(): Promise<void> {
  const startedAt = workflowInfo().startTime.toISOString();
  for (let step = 0; step < 8; step++) await noOp(startedAt);
}
