import { tryLock } from '../../adapters/lock.ts';
import { dataPaths } from '../../store/layout.ts';
import { isPolled } from '../loops/loops.ts';
import { CommandError } from '../terminal/command-error.ts';
import { openBackend, type Backend, type BackendOptions } from './backend.ts';
import { openClient, targetOf } from './connection.ts';
import { queueHere } from './worker-process.ts';

export type CheckBackend = Omit<Backend, 'namespace' | 'ui'>;

/** Opens server and worker for a check: those that a `run` has, else its own, which end with it. */
export async function openCheckBackend(options: BackendOptions): Promise<CheckBackend> {
  const unlock = await tryLock(dataPaths(options.data).runLock);
  if (unlock === null) return borrowBackend(options);
  try {
    const backend = await openBackend(options);
    return { ...backend, close: () => backend.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Uses those of the `run` that has the data directory, which allows no second server or worker. */
async function borrowBackend(options: BackendOptions): Promise<CheckBackend> {
  const { address, ...target } = targetOf(options);
  const client = await openClient({ address, ...target });
  const queue = queueHere(options.data);
  if (!queue || !(await isPolled(client, queue))) {
    await client.connection.close();
    throw new CommandError(
      `worker: another command uses ${options.data}, and its worker does not poll at ${address}; try again when it does`,
    );
  }
  return {
    client,
    address,
    queue,
    startedServer: false,
    startedWorker: false,
    lost: new Promise<never>(() => undefined),
    close: () => client.connection.close(),
  };
}
