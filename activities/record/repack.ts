import { Context } from '@temporalio/activity';
import { isToBePacked, pack } from '../../adapters/git/packing.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import type { OpenLoop } from '../loop/resources.ts';

/** A machine that is busy for longer is left in peace until the next iteration ends. */
const patienceMs = 5_000;

/** Packs this worker's clone now and then, while nothing is measured on this machine. Failing to do so is no reason to fail the step. */
export async function repackClone({ clone }: Pick<OpenLoop, 'clone'>, signal: AbortSignal): Promise<void> {
  if (!(await isToBePacked(clone))) return;
  try {
    await withMachineLock(() => pack(clone), { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
  } catch (error) {
    signal.throwIfAborted();
    Context.current().log.info('the clone was not packed', { error });
  }
}
