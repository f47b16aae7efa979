import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanLine } from '../../domain/text.ts';
import { isPolled } from '../loops/loops.ts';
import { CommandError } from '../terminal/command-error.ts';
import { openClient, targetAt, targetOf, tryConnect, type Target } from './connection.ts';
import { endsWithAnotherRun, startDevServer, type DevServer } from './dev-server.ts';
import { keepRunning, type Running } from './keep-running.ts';
import { requireSandboxProgram } from './parts.ts';
import { endOrphanServer, lastAddress, recordedServer } from './server-file.ts';
import type { ServerFlags } from './server-flags.ts';
import { startSelf } from '../adoption/kept-self.ts';
import { otherWorker, queueHere } from './worker-process.ts';

/** A loop's server, worker and client on this machine. All that this process started ends with it. */
export interface Backend {
  client: Client;
  address: string;
  namespace: string;
  /** Address of the Temporal UI where it is known. */
  ui: string | null;
  startedServer: boolean;
  queue: string;
  /** False where another process keeps the worker of this data directory. */
  startedWorker: boolean;
  /** Rejects when server or worker end for good; a killed one is started again. */
  lost: Promise<never>;
  close: () => Promise<void>;
}

/** What other processes may know of a backend. */
export type BackendFacts = Omit<Backend, 'client' | 'lost' | 'close'>;

export interface BackendOptions extends ServerFlags {
  data: string;
  settings?: string;
  /** Prints a line for the person. */
  say: (text: CleanLine) => void;
}

/** The worker of a killed command may take so long to end, in seconds. */
const orphanTries = 30;

/** Starts a dev server where none answers and none was named, a worker where none runs. Call it under the run lock. */
export async function openBackend({ data, settings, say, ...flags }: BackendOptions): Promise<Backend> {
  if (settings) requireSandboxProgram(settings);
  const last = lastAddress(data);
  const hadOrphan = await endOrphanServer(data);
  const found = targetOf({ ...flags, data });
  const server = await serverFor(found, data, last);
  const target = server ? targetAt(found, server.address) : found;
  const keptServer = server && keepRunning('Temporal server', server, () => startDevServer(data, server.address), say);
  try {
    const client = await openClient(target);
    const { address, namespace } = target;
    // On a server of others it would refuse the steps of their loops, and so end them.
    const ownQueueOnly = server === null;
    const worksAt = { data, address, namespace, ownQueueOnly };
    const start = () => startSelf({ ...worksAt, ...(settings && { settings }) }, say);
    let worker = await start();
    // The worker of a killed command is about to end.
    for (let tries = 0; worker === null && tries < orphanTries; tries++) {
      if (!hadOrphan && (await isPolledHere(client, data))) break;
      await sleep(1_000);
      worker = await start();
    }
    const queue = worker?.queue ?? (await queueOfOther(client, data, address));
    // The other process may end its worker at any time: one is started then.
    const startOrWatch = async (): Promise<Running> => (await start()) ?? otherWorker(data);
    const keptWorker = keepRunning('worker', worker ?? otherWorker(data), startOrWatch, say);
    const recorded = recordedServer(data);
    const kept = [keptServer, keptWorker].filter((one) => one !== null);
    return {
      client,
      address,
      namespace,
      ui: server?.ui ?? (recorded?.address === address ? recorded.ui : null),
      startedServer: server !== null,
      queue,
      startedWorker: worker !== null,
      lost: Promise.race(kept.map(({ lost }) => lost)),
      async close() {
        // The connection stays open until the process ends: a call that is being retried would throw on a closed one.
        await keptWorker.stop();
        await keptServer?.stop();
      },
    };
  } catch (error) {
    await keptServer?.stop();
    throw error;
  }
}

async function serverFor(target: Target, data: string, last: string | undefined): Promise<DevServer | null> {
  const connection = await tryConnect(target);
  if (target.explicit) {
    await connection?.close();
    return null;
  }
  const isLasting = connection !== null && !(await endsWithAnotherRun(connection));
  await connection?.close();
  return isLasting ? null : startDevServer(data, last ?? target.address);
}

async function queueOfOther(client: Client, data: string, address: string): Promise<string> {
  if (await isPolledHere(client, data)) return queueHere(data)!;
  await client.connection.close();
  throw new CommandError(`worker: another one uses ${data} and does not poll at ${address}; stop it, or give --data`);
}

async function isPolledHere(client: Client, data: string): Promise<boolean> {
  const queue = queueHere(data);
  return queue !== undefined && (await isPolled(client, queue));
}
