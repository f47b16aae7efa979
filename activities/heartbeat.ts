import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';

/** The heartbeat timeout is 5 s; the SDK throttles, so one a second costs nothing and a cancel arrives within about 4 s. */
const intervalMs = 1_000;

/**
 * Runs a step with heartbeats from a timer, and with the signal that ends it.
 * A worker that shuts down fails the attempt, so that it is tried again elsewhere or later; a cancel ends the step for good.
 * @param details asked at each heartbeat for what people may see of the step while it runs
 */
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
