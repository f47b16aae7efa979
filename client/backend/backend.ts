import type { Client, Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../terminal/command-error.ts';
import { notFound, openClient, targetOf, tryConnect, type ServerFlags, type Target } from './connection.ts';
import { makeDataDirectory } from '../../store/data-directory.ts';
import { runNamespace, startDevServer, type DevServer } from './dev-server.ts';
import { endOrphanServer } from './orphan-server.ts';
import { keepRunning, type Running } from './keep-running.ts';
import { isPolled } from '../loops/loops.ts';
import { recordedServer } from './server-file.ts';
import { otherWorker, queueHere, startWorker } from './worker-process.ts';
import type { CleanLine } from '../../domain/text.ts';

/** All that a loop needs on this machine: a server, a worker, a client. What this process started ends with it. */
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

export interface BackendOptions extends ServerFlags {
  data: string;
  settings?: string;
  /** Tells the person what is going on. */
  say: (text: CleanLine) => void;
}

/** How long the worker of a command that was killed may take to end. */
const orphanSeconds = 30;

/** Opens what is missing: a dev server where none answers and none was named, and a worker where none has the data directory. To be called under the directory's run lock. */
export async function openBackend({ data, settings, say, ...flags }: BackendOptions): Promise<Backend> {
  makeDataDirectory(data);
  const wasOrphaned = await endOrphanServer(data);
  const found = targetOf(flags, data);
  const server = await serverFor(found, data);
  const target = server
    ? { ...found, address: server.address, options: { ...found.options, address: server.address } }
    : found;
  const keptServer = server && keepRunning('Temporal server', server, () => startDevServer(data, server.address), say);
  try {
    const client = await openClient(target);
    // On a server of others this worker lets in too little to take the steps of their loops: what it refused would end them.
    const place = { address: target.address, namespace: target.namespace, ownQueueOnly: server === null };
    const start = () => startWorker({ data, ...place, ...(settings && { settings }) });
    let worker = await start();
    // That of a command which was killed is on its way out.
    for (
      let tries = 0;
      worker === null && tries < orphanSeconds && (wasOrphaned || !(await isPolledHere(client, data)));
      tries++
    ) {
      await sleep(1_000);
      worker = await start();
    }
    const queue = worker?.queue ?? (await queueOfOther(client, data, target));
    // Even one that polled a moment ago may be: when it has ended, one is started.
    const keptWorker = keepRunning<Running>(
      'worker',
      worker ?? otherWorker(data),
      async () => (await start()) ?? otherWorker(data),
      say,
    );
    const kept = [keptServer, keptWorker].filter((one) => one !== null);
    return {
      client,
      address: target.address,
      namespace: target.namespace,
      ui: server?.ui ?? uiOf(data, target),
      startedServer: server !== null,
      queue,
      startedWorker: worker !== null,
      lost: Promise.race(kept.map(({ lost }) => lost)),
      async close() {
        // The connection ends with the process: a call that is just being tried again would throw out of nowhere on a closed one.
        await keptWorker.stop();
        await keptServer?.stop();
      },
    };
  } catch (error) {
    await keptServer?.stop();
    throw error;
  }
}

async function serverFor(target: Target, data: string): Promise<DevServer | null> {
  const connection = await tryConnect(target);
  if (target.explicit) {
    await connection?.close();
    return null;
  }
  const lasts = connection !== null && !(await endsWithAnotherRun(connection));
  await connection?.close();
  return lasts ? null : startDevServer(data, target.address);
}

/** The dev server of another run, which would be gone in the middle of ours. */
async function endsWithAnotherRun(connection: Connection): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.workflowService.describeNamespace({ namespace: runNamespace });
      return true;
    } catch (error) {
      const { code, details } = error as { code?: number; details?: string };
      if (code === notFound && details?.includes(runNamespace)) return false;
      // A server that is just coming up answers anything; to borrow it would be the greater risk.
      if (tries >= 10) return true;
      await sleep(500);
    }
  }
}

function uiOf(data: string, { address }: Target): string | null {
  const recorded = recordedServer(data);
  return recorded?.address === address ? recorded.ui : null;
}

async function queueOfOther(client: Client, data: string, { address }: Target): Promise<string> {
  if (await isPolledHere(client, data)) return queueHere(data)!;
  await client.connection.close();
  throw new CommandError(
    `worker: another one has ${data} and does not poll at ${address}; stop it, or give another --data`,
  );
}

async function isPolledHere(client: Client, data: string): Promise<boolean> {
  const queue = queueHere(data);
  return queue !== undefined && (await isPolled(client, queue));
}
