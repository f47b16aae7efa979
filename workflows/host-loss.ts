import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { StepName } from '../domain/steps.ts';
import { defaultHostTimeoutSeconds } from './activity-options.ts';

/** A host that takes no step any more; `detail` is for the record, `hadBegun` says that the step had begun there. */
export interface HostLoss {
  detail: string;
  hadBegun: boolean;
}

/** Returns the loss if a step failed because nobody took it from the host's queue in time; null for any other failure. */
export function hostLossOf(
  error: unknown,
  { step, queue, seconds }: { step: StepName; queue: string; seconds?: number | undefined },
): HostLoss | null {
  if (!(error instanceof ActivityFailure)) return null;
  const { cause: timeout } = error;
  if (!(timeout instanceof TimeoutFailure) || timeout.timeoutType !== 'SCHEDULE_TO_START') return null;
  // The server tells how an earlier attempt ended; the SDK (1.24) keeps that in the raw failure only.
  const hadBegun = Boolean(timeout.failure?.cause) || timeout.lastHeartbeatDetails !== undefined;
  return {
    detail: `host lost: no worker took ${step} from ${queue} for ${seconds ?? defaultHostTimeoutSeconds} s`,
    hadBegun,
  };
}
