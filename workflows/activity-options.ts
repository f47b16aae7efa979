import type { ActivityOptions, RetryPolicy } from '@temporalio/workflow';
import type { StepName } from '../domain/steps.ts';

/** Every activity reports each second, so that a lost worker or a cancel is noticed within about 5 s. */
const heartbeatTimeout = '5s';

/** Attempts are also used up by workers that die, so there are more than a fault of its own would need. */
const retry: RetryPolicy = {
  maximumAttempts: 10,
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '10s',
  nonRetryableErrorTypes: ['Refused'],
};

/** Record keeping goes on for about half an hour: a full disk or a locked repository is often put right within it. */
const recordRetry: RetryPolicy = { ...retry, maximumAttempts: 35, maximumInterval: '1 minute' };

/** Until a worker other than the loop's own is taken for lost, in seconds. */
export const defaultHostTimeoutSeconds = 600;

/**
 * A rollback must not begin while the cancelled step still writes. Said here because the SDK (1.24) documents it as its
 * default, but in fact does not wait.
 */
const common = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' } as const;

/**
 * How long set-up, tests and benchmark of the base may take stands in the config, which no workflow reads:
 * a worker that is lost or hangs is noticed by its missing reports, so the bound itself is wide.
 */
export const prepareOptions: ActivityOptions = {
  ...common,
  startToCloseTimeout: '14 days',
  heartbeatTimeout,
  retry,
  summary: 'check the config, measure the base',
};

/** @param seconds longest duration of one attempt: base and champion are measured in it */
export function finishOptions(taskQueue: string, seconds: number): ActivityOptions {
  const startToCloseTimeout = seconds * 1000;
  return {
    ...common,
    taskQueue,
    startToCloseTimeout,
    heartbeatTimeout,
    retry: recordRetry,
    summary: 'measure base against champion',
  };
}

/** How long a check may take stands in a config that no workflow reads. */
export function checkOptions(summary: string): ActivityOptions {
  return { ...prepareOptions, summary };
}

export interface StepPlace {
  /** Queue on which the step runs, and the loop's. */
  queue: string;
  loopQueue: string;
  /** Longest duration of one attempt. */
  seconds: number;
  /** How long the step waits for a worker that is not the loop's own. Default 600. */
  hostTimeoutSeconds?: number | undefined;
  /** For the Temporal UI; long ones are cut to one line. */
  summary?: string | null;
}

/** How the activity of a step is scheduled. */
export function stepOptions(
  step: StepName,
  { queue, loopQueue, seconds, hostTimeoutSeconds, summary }: StepPlace,
): ActivityOptions {
  return {
    ...common,
    taskQueue: queue,
    startToCloseTimeout: seconds * 1000,
    retry: step === 'commit' || step === 'rollback' ? recordRetry : retry,
    heartbeatTimeout,
    ...(queue !== loopQueue && { scheduleToStartTimeout: (hostTimeoutSeconds ?? defaultHostTimeoutSeconds) * 1000 }),
    ...(summary && { summary: shortLine(summary) }),
  };
}

/** Temporal refuses a summary of more than 400 bytes, and the workflow would hang on it. */
function shortLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 90 ? line : `${line.slice(0, 89)}…`;
}
