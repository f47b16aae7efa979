import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';

/** Within the heartbeat timeout of 5 s; a cancel arrives within about 4 s, as the SDK throttles heartbeats. */
const intervalMs = 1_000;

/** Runs work with heartbeats. A shutdown of the worker fails the attempt retryably; a cancel ends the step. */
export async function withHeartbeat<T>(work: (signal: AbortSignal) => Promise<T>, details?: () => unknown): Promise<T> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  const timer = setInterval(() => context.heartbeat(details?.()), intervalMs);
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const reason = String((signal.reason as Error | undefined)?.message);
    if (reason === 'WORKER_SHUTDOWN')
      throw ApplicationFailure.retryable('the worker is shutting down', 'WorkerShutdown');
    throw error instanceof CancelledFailure ? error : new CancelledFailure(reason);
  } finally {
    clearInterval(timer);
  }
}
