import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { IterationId } from '../domain/names.ts';
import type { IterationRef, IterationResult, PreparedLoop, Steps } from '../domain/steps.ts';
import { stepOptions } from './activity-options.ts';
import { failureText } from './failure-text.ts';
import { karpathyIteration } from './iteration.ts';

/** Waits of 10 s for an iteration of an earlier run of this loop that still rolls back. */
const maxWaits = 30;

/**
 * Runs an iteration as a child workflow, and writes the record of one that dies (terminated, say).
 * @throws CancelledFailure where the cancel came before the child began
 */
export async function runIteration(
  prepared: PreparedLoop,
  { hint, ...next }: { iteration: number; champion: string; hint: string | null },
) {
  const { loopId, repository } = prepared;
  const startedAt = new Date(Date.now()).toISOString();
  const ref: IterationRef = { loopId, repository, ...next, startedAt, ...(hint !== null && { hint }) };
  try {
    return await runChild(ref, prepared);
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return CancellationScope.nonCancellable(() => recordLost(ref, prepared, error));
  }
}

async function runChild(
  ref: IterationRef,
  { queue, stepSeconds, limits, hostTimeoutSeconds }: PreparedLoop,
): Promise<IterationResult> {
  const workflowId: IterationId = `${ref.loopId}/iter-${ref.iteration}`;
  for (let wait = 0; ; wait++) {
    try {
      return await executeChild(karpathyIteration, {
        workflowId,
        args: [{ ref, repairs: limits.repairs, stepSeconds, queue, ...(hostTimeoutSeconds && { hostTimeoutSeconds }) }],
        // A loop that is terminated still lets its iteration roll back.
        parentClosePolicy: 'REQUEST_CANCEL',
        cancellationType: 'WAIT_CANCELLATION_COMPLETED',
        staticSummary: `iteration ${ref.iteration} on ${ref.champion.slice(0, 12)}`,
      });
    } catch (error) {
      if ((error as Error).name !== 'WorkflowExecutionAlreadyStartedError') throw error;
      const problem = `${workflowId}: an earlier run of it is still open; end it and start again`;
      if (wait === maxWaits) throw ApplicationFailure.nonRetryable(problem);
      await sleep('10s');
    }
  }
}

/** Writes the record of an iteration whose workflow died. If that had committed, the commit stays. */
async function recordLost(
  ref: IterationRef,
  { queue, stepSeconds }: PreparedLoop,
  error: ChildWorkflowFailure,
): Promise<IterationResult> {
  const reason = isCancellation(error) ? 'cancelled' : 'infrastructure';
  const detail = `the iteration's workflow ended without a result: ${failureText(error)}`;
  // Any worker of the loop can write the record.
  const summary = `iteration ${ref.iteration}: its workflow died`;
  const place = { queue, loopQueue: queue, seconds: stepSeconds.rollback, summary };
  const { rollback } = proxyActivities<Steps>(stepOptions('rollback', place));
  const unknown = { hypothesis: null, tree: null, verdict: null, attempts: 0, tokens: 0 };
  const { commit, ...recorded } = await rollback({ ...ref, ...unknown, reason, detail });
  const { iteration, champion } = ref;
  const spent = { model: 0, benchmark: 0, waiting: 0 };
  const nothing = { title: '', tokens: 0, seconds: 0, spent, fault: null, measured: null, reportedRatio: null };
  return {
    iteration,
    outcome: recorded.outcome,
    reason: recorded.reason,
    champion: commit ?? champion,
    detail,
    ...nothing,
  };
}
