import type { ActivityOptions, RetryPolicy } from '@temporalio/workflow';
import type { StepName } from '../domain/steps.ts';

/** Attempts are also used up by workers that die, so there are more than the step's own faults would need. */
const retry: RetryPolicy = {
  maximumAttempts: 10,
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '10s',
  nonRetryableErrorTypes: ['Refused'],
};

/** Goes on for about half an hour, in which a full disk or a locked repository is often put right. */
const recordRetry: RetryPolicy = { ...retry, maximumAttempts: 35, maximumInterval: '1 minute' };

/** Default time until a worker other than the loop's own counts as lost, in seconds. */
export const defaultHostTimeoutSeconds = 600;

const common = {
  // A rollback must not begin while the cancelled step still writes; the SDK (1.24) does not wait by default.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  // Activities report each second: a lost worker or a cancel is noticed within about 5 s.
  heartbeatTimeout: '5s',
  retry,
} as const;

/** Options of work that the config bounds, which no workflow reads; missing heartbeats show a worker that hangs. */
export function unboundedOptions(summary: string): ActivityOptions {
  return { ...common, startToCloseTimeout: '14 days', summary };
}

/** @param seconds max. duration of one attempt, which measures base and champion */
export function finishOptions(taskQueue: string, seconds: number): ActivityOptions {
  const summary = 'measure base against champion';
  return { ...common, taskQueue, startToCloseTimeout: seconds * 1000, retry: recordRetry, summary };
}

/** Max. duration of one attempt of an adoption's step, in seconds: a whole suite takes the longest. */
const adoptionSeconds = 4 * 3600;

/** @param step a last one goes on until it is recorded */
export function adoptionOptions(step: string, summary: string): ActivityOptions {
  const isClosing = step === 'adopt' || step === 'withdraw';
  const patience = isClosing ? recordRetry : retry;
  return { ...common, startToCloseTimeout: adoptionSeconds * 1000, retry: patience, summary: shortLine(summary) };
}

interface StepPlace {
  /** Queue on which the step runs, and the loop's. */
  queue: string;
  loopQueue: string;
  /** Max. duration of one attempt. */
  seconds: number;
  /** Max. time that the step waits for a worker other than the loop's own. Default 600. */
  hostTimeoutSeconds?: number | undefined;
  /** For the Temporal UI; long ones are cut to one line. */
  summary?: string | null;
}

/** Returns the options by which a step's activity is scheduled. */
export function stepOptions(
  step: StepName,
  { queue, loopQueue, seconds, hostTimeoutSeconds = defaultHostTimeoutSeconds, summary }: StepPlace,
): ActivityOptions {
  return {
    ...common,
    taskQueue: queue,
    startToCloseTimeout: seconds * 1000,
    ...((step === 'commit' || step === 'rollback') && { retry: recordRetry }),
    ...(queue !== loopQueue && { scheduleToStartTimeout: hostTimeoutSeconds * 1000 }),
    ...(summary && { summary: shortLine(summary) }),
  };
}

/** Temporal refuses a summary of more than 400 bytes, and the workflow would hang on it. */
function shortLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 90 ? line : `${line.slice(0, 89)}…`;
}
