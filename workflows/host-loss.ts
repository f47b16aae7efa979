import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { StepName } from '../domain/steps.ts';
import { defaultHostTimeoutSeconds } from './activity-options.ts';

interface StepPlace {
  step: StepName;
  queue: string;
  seconds?: number | undefined;
}

/**
 * Returns the loss if nobody took a failed step from the host's queue in time; else null.
 * `detail` is for the record, `hadBegun` tells that the step had begun there.
 */
export function hostLossOf(error: unknown, { step, queue, seconds = defaultHostTimeoutSeconds }: StepPlace) {
  if (!(error instanceof ActivityFailure)) return null;
  const { cause: timeout } = error;
  if (!(timeout instanceof TimeoutFailure) || timeout.timeoutType !== 'SCHEDULE_TO_START') return null;
  // The server tells how an earlier attempt ended; the SDK (1.24) keeps that in the raw failure only.
  const hadBegun = Boolean(timeout.failure?.cause) || timeout.lastHeartbeatDetails !== undefined;
  return { detail: `host lost: no worker took ${step} from ${queue} for ${seconds} s`, hadBegun };
}
