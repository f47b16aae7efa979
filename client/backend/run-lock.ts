import { tryLock } from '../../adapters/lock.ts';
import { dataPaths } from '../../store/layout.ts';
import { CommandError } from '../terminal/command-error.ts';

/** Takes a data directory for one command, since server and worker end with it. Returns how to free it. */
export async function lockRun(data: string): Promise<() => Promise<void>> {
  const unlock = await tryLock(dataPaths(data).runLock);
  if (unlock === null)
    throw new CommandError(`data directory: ${data} is in use by another run; wait for it, or give another --data`);
  return unlock;
}
