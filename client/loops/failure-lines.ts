import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { isUnavailable } from '../backend/grpc.ts';

/** Tells why a loop failed, one line per fact, by the innermost cause: Temporal's wrappers say nothing of it. */
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

/** Tells whether `prepare` refused the loop's config or what it needs here: it never began. */
export function isRefusal(error: unknown): boolean {
  const innermost = innermostOf(error);
  const isApplication = error instanceof WorkflowFailedError && innermost instanceof ApplicationFailure;
  return isApplication && innermost.type === 'Refused';
}

function innermostOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? innermostOf(error.cause) : error;
}
