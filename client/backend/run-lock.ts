import { tryLock } from '../../adapters/lock.ts';
import { dataPaths } from '../../store/layout.ts';
import { CommandError } from '../terminal/command-error.ts';

/** Takes a data directory for one command that may start its server and worker, since they end with it. Returns how to free it. */
export async function lockRun(data: string): Promise<() => Promise<void>> {
  const unlock = await tryLockRun(data);
  if (unlock === null)
    throw new CommandError(`data directory: ${data} is in use by another run; wait for it, or give another --data`);
  return unlock;
}

/** Returns null where another command has it. */
export function tryLockRun(data: string): Promise<(() => Promise<void>) | null> {
  return tryLock(dataPaths(data).runLock);
}
