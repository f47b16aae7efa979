import type { CleanLine } from '../../domain/text.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import type { Backend } from './backend.ts';
import { openClient, targetOf } from './connection.ts';
import { runningDaemon } from './daemon-file.ts';
import { joinDaemon } from './daemon.ts';
import { isServerAsleep } from './dev-server.ts';
import type { ServerFlags } from './server-flags.ts';

interface Reached extends Pick<Backend, 'client' | 'lost' | 'close'> {
  /** The loops' database was asleep: this command has brought server and worker up. */
  woken: boolean;
}

/** Uses the server of a data directory's loops, and leaves it after. */
export async function withReached<T>(
  flags: ServerFlags,
  say: (text: CleanLine) => void,
  use: (reached: Reached) => Promise<T>,
): Promise<T> {
  const reached = await reach(dataDirectory(flags.data), flags, say);
  return use(reached).finally(reached.close);
}

/** Opens the server of a data directory's loops. Its daemon is joined, and brought up where their database sleeps. */
async function reach(data: string, flags: ServerFlags, say: (text: CleanLine) => void): Promise<Reached> {
  const target = targetOf(flags);
  const woken = await isServerAsleep(data, target);
  if (woken || (!target.explicit && runningDaemon(data)))
    return { ...(await joinDaemon({ ...flags, data, settings: null, say })), woken };
  const client = await openClient(target);
  return { client, woken, lost: new Promise<never>(() => undefined), close: () => client.connection.close() };
}
