import { Client, Connection } from '@temporalio/client';
import { startDevServer, type DevServer } from '../../../client/backend/dev-server.ts';
import { forward } from './forward.ts';
import { freePort } from '../../support/ollama.ts';

/** The Temporal server of a drill. */
export interface DrillServer {
  address: string;
  client: Client;
  /** SIGKILL, and a new one on the same database and port. Absent for a server that is not the drill's. */
  kill?: () => Promise<ServerKill>;
  stop(): Promise<void>;
}

export interface ServerKill {
  /** Epoch, ms: of the kill, and of the moment from which the new one answered. */
  at: number;
  backAt: number;
}

/**
 * The official dev server with a database file, as `run` starts it.
 * @param options.address of a server that is there already
 * @param options.host at which workers reach it
 */
export async function openServer(
  data: string,
  { host = '127.0.0.1', address }: { host?: string; address?: string } = {},
): Promise<DrillServer> {
  if (address) return { address, client: await openClient(address), stop: () => Promise.resolve() };
  let current: DevServer = await startDevServer(data, `127.0.0.1:${await freePort()}`);
  const own = current.address;
  const port = Number(own.split(':')[1]);
  const endForward = host === '127.0.0.1' ? () => undefined : await forward(host, port);
  let next = Promise.resolve<unknown>(undefined);
  const kill = async (): Promise<ServerKill> => {
    const at = Date.now();
    process.kill(current.pid, 'SIGKILL');
    await current.ended;
    current = await startDevServer(data, own);
    return { at, backAt: Date.now() };
  };
  return {
    address: `${host}:${port}`,
    client: await openClient(own),
    // One at a time.
    kill: () => (next = next.then(kill)) as Promise<ServerKill>,
    stop() {
      endForward();
      return current.stop();
    },
  };
}

async function openClient(address: string): Promise<Client> {
  const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };
  return new Client({ connection: await Connection.connect({ address, channelArgs }) });
}

/** Asks a server that may be dead at the moment. */
export async function patiently<T>(ask: () => Promise<T>, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

/** gRPC: cancelled, deadline exceeded, resource exhausted, aborted, internal, unavailable. */
function isPassing(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return [1, 4, 8, 10, 13, 14].includes(code as number) || (cause !== undefined && isPassing(cause));
}
