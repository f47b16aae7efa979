import { Context } from '@temporalio/activity';
import { isToBePacked, pack } from '../../adapters/git/packing.ts';
import type { StepContext } from '../loop/context.ts';

/** A machine that is busy for longer is left in peace until the next iteration ends. */
const busyTimeoutMs = 5_000;

/** Packs this worker's clone now and then, while nothing is measured on this machine. A failure fails no step. */
export async function repackClone({ machineLock, loop: { clone }, signal }: StepContext): Promise<void> {
  if (!(await isToBePacked(clone))) return;
  try {
    await machineLock.exclusively(() => pack(clone), AbortSignal.timeout(busyTimeoutMs));
  } catch (error) {
    signal.throwIfAborted();
    Context.current().log.info('the clone was not packed', { error });
  }
}
