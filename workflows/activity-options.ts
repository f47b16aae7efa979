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

/** A worker other than the loop's own may be gone for good; then the iteration ends, and the loop goes on elsewhere. */
const otherWorkerTimeout = '10 minutes';

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
  startToCloseTimeout: '2 days',
  heartbeatTimeout,
  retry,
  summary: 'check the config, measure the base',
};

export function finishOptions(taskQueue: string): ActivityOptions {
  return { ...common, taskQueue, startToCloseTimeout: '10 minutes', heartbeatTimeout, retry: recordRetry };
}

export interface StepPlace {
  /** Queue on which the step runs, and the loop's. */
  queue: string;
  loopQueue: string;
  /** Longest duration of one attempt. */
  seconds: number;
  /** For the Temporal UI; long ones are cut to one line. */
  summary?: string;
}

/** How the activity of a step is scheduled. */
export function stepOptions(step: StepName, { queue, loopQueue, seconds, summary }: StepPlace): ActivityOptions {
  return {
    ...common,
    taskQueue: queue,
    startToCloseTimeout: seconds * 1000,
    retry: step === 'commit' || step === 'rollback' ? recordRetry : retry,
    heartbeatTimeout,
    ...(queue !== loopQueue && { scheduleToStartTimeout: otherWorkerTimeout }),
    ...(summary && { summary: shortLine(summary) }),
  };
}

/** Temporal refuses a summary of more than 400 bytes, and the workflow would hang on it. */
function shortLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 90 ? line : `${line.slice(0, 89)}…`;
}
