import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { StepName } from '../domain/steps.ts';
import { defaultHostTimeoutSeconds } from './activity-options.ts';

/** A host that took no step any more. */
export interface HostLoss {
  /** For the record and for people. */
  detail: string;
  /** Whether the step had begun on it before. */
  hadBegun: boolean;
}

/** The loss that a failed step tells of: nobody took it from the host's queue in time. null where it failed otherwise. */
export function hostLossOf(
  error: unknown,
  { step, queue, seconds }: { step: StepName; queue: string; seconds?: number | undefined },
): HostLoss | null {
  if (!(error instanceof ActivityFailure)) return null;
  const { cause: timeout } = error;
  if (!(timeout instanceof TimeoutFailure) || timeout.timeoutType !== 'SCHEDULE_TO_START') return null;
  // Of an attempt that had begun the server tells how it ended; the SDK (1.24) keeps that in the raw failure only.
  const hadBegun = Boolean(timeout.failure?.cause) || timeout.lastHeartbeatDetails !== undefined;
  return {
    detail: `host lost: no worker took ${step} from ${queue} for ${seconds ?? defaultHostTimeoutSeconds} s`,
    hadBegun,
  };
}
