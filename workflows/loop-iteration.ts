import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { iterationId } from '../domain/names.ts';
import type { IterationRef, IterationResult, PreparedLoop, Steps } from '../domain/steps.ts';
import { stepOptions } from './activity-options.ts';
import { asCode, failureText } from './failure-text.ts';
import { karpathyIteration } from './iteration.ts';
import { pageLink } from './story/loop.ts';
import { loopAttributes } from './story/search-attributes.ts';

/** Waits of 5 s for an iteration of an earlier run of this loop: it may have to write its record for half an hour. */
const maxWaits = 400;

/**
 * Runs an iteration as a child workflow, and writes the record of one that dies (terminated, say).
 * @returns "open" where an earlier run's iteration of this number has not ended
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
    if ((error as Error).name === 'WorkflowExecutionAlreadyStartedError') return 'open';
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return CancellationScope.nonCancellable(() => recordLost(ref, prepared, error));
  }
}

async function runChild(ref: IterationRef, prepared: PreparedLoop): Promise<IterationResult> {
  const { queue, stepSeconds, limits, hostTimeoutSeconds, isIndexed = false } = prepared;
  const input = { ref, repairs: limits.repairs, stepSeconds, queue, isIndexed };
  return executeChild(karpathyIteration, {
    workflowId: iterationId(ref.loopId, ref.iteration),
    args: [{ ...input, ...(hostTimeoutSeconds && { hostTimeoutSeconds }) }],
    // A loop that is terminated still lets its iteration roll back.
    parentClosePolicy: 'REQUEST_CANCEL',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    staticSummary: `iteration ${ref.iteration} on ${ref.champion.slice(0, 12)}`,
    staticDetails: `Of loop ${pageLink(workflowInfo().workflowId, ref.loopId)}, on ${asCode(ref.repository)}`,
    ...(isIndexed && { typedSearchAttributes: loopAttributes(ref) }),
  });
}

/**
 * Cancels an iteration that a run before this one had begun (a reset, say), and waits for its end.
 * @throws ApplicationFailure where it does not end
 */
export async function endEarlier({ loopId }: PreparedLoop, iteration: number): Promise<void> {
  const workflowId = iterationId(loopId, iteration);
  const earlier = getExternalWorkflowHandle(workflowId);
  for (let wait = 0; wait < maxWaits; wait++) {
    try {
      // A signal fails once nothing of that id runs; a cancel does not.
      await (wait === 0 ? earlier.cancel() : earlier.signal('awaited'));
    } catch (error) {
      if (isCancellation(error)) throw error;
      return;
    }
    await sleep('5s');
  }
  const fact = 'an earlier run of this iteration was cancelled and does not end';
  throw ApplicationFailure.nonRetryable(`${workflowId}: ${fact}; terminate it and start again`);
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
