import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';

/** What a failed loop says to a person, one line per fact. Temporal's own wrappers ("Activity task failed") say nothing. */
export function failureLines(error: unknown): string[] {
  const innermost = innermostOf(error);
  if (innermost instanceof TerminatedFailure) return ['loop: was terminated on the server'];
  if (innermost instanceof CancelledFailure) return ['loop: was cancelled'];
  if (innermost instanceof TimeoutFailure)
    return [`loop: a step timed out (${innermost.message}); see worker.log in the worker's data directory`];
  if (isUnavailable(error))
    return [
      'temporal: the server no longer answers; start it again and give the same command ("run" brings its own where none was named)',
    ];
  return innermost.message.split('\n').filter((line) => line.trim() !== '');
}

/** Whether a loop ended because `prepare` refused its config or its surroundings: it never began. */
export function isRefusal(error: unknown): boolean {
  const innermost = innermostOf(error);
  return (
    error instanceof WorkflowFailedError && innermost instanceof ApplicationFailure && innermost.type === 'Refused'
  );
}

/** Whether the server could not be reached, or did not answer in time (gRPC's status codes 14 and 4). */
export function isUnavailable(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return code === 14 || code === 4 || (cause instanceof Error && isUnavailable(cause));
}

function innermostOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? innermostOf(error.cause) : error;
}
