import type { Client } from '@temporalio/client';
import { openBackend, type Backend, type BackendOptions } from './backend.ts';
import { CommandError } from '../terminal/command-error.ts';
import { openClient, targetOf } from './connection.ts';
import { isPolled } from '../loops/loops.ts';
import { tryLockRun } from './run-lock.ts';
import { queueHere } from './worker-process.ts';

/** What a check measures on: the server and worker that there are, or, as for `run`, those that it starts and that end with it. */
export type CheckBackend = Pick<
  Backend,
  'client' | 'address' | 'queue' | 'startedServer' | 'startedWorker' | 'lost' | 'close'
>;

export async function openCheckBackend(options: BackendOptions): Promise<CheckBackend> {
  const unlock = await tryLockRun(options.data);
  if (unlock === null) return borrow(options);
  try {
    const backend = await openBackend(options);
    return { ...backend, close: () => backend.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Of the `run` that has the data directory: a second server on its database, or a second worker, must not be. */
async function borrow({ data, ...flags }: BackendOptions): Promise<CheckBackend> {
  const target = targetOf(flags, data);
  const client: Client = await openClient(target);
  const queue = queueHere(data);
  if (!queue || !(await isPolled(client, queue))) {
    await client.connection.close();
    throw new CommandError(
      `worker: another command has ${data}, and its worker does not poll at ${target.address}; try again when it does, or has ended`,
    );
  }
  const close = () => client.connection.close();
  return {
    client,
    address: target.address,
    queue,
    startedServer: false,
    startedWorker: false,
    lost: new Promise<never>(() => undefined),
    close,
  };
}
