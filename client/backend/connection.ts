import { connect as connectSocket } from 'node:net';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { dataDirectory } from '../../store/data-directory.ts';
import { CommandError } from '../terminal/command-error.ts';
import { grpcCode, grpcCodes } from './grpc.ts';
import { recordedServer } from './server-file.ts';
import type { ServerFlags } from './server-flags.ts';

/** A Temporal server and namespace. */
export interface Target {
  address: string;
  namespace: string;
  /** A person named the address, by flag, environment or configuration file: no other server replaces it. */
  explicit: boolean;
  options: ConnectionOptions;
}

const defaultAddress = '127.0.0.1:7233';

/** Takes the address from flags, else from the `temporal` CLI's configuration, else from a `run` on this directory. */
export function targetOf(flags: ServerFlags): Target {
  const configured = loadConfig();
  const named = flags.address ?? configured.connectionOptions.address;
  const address = named ?? recordedServer(dataDirectory(flags.data))?.address ?? defaultAddress;
  const { apiKey, tls, metadata } = configured.connectionOptions as ConnectionOptions;
  const options = { address, ...(apiKey && { apiKey }), ...(tls && { tls }), ...(metadata && { metadata }) };
  const namespace = flags.namespace ?? configured.namespace ?? 'default';
  return { address, namespace, explicit: named !== undefined, options };
}

/** Gives the same target with another address. */
export function targetAt(target: Target, address: string): Target {
  return { ...target, address, options: { ...target.options, address } };
}

/** @throws CommandError with one line where no Temporal server answers, or it does not know the namespace */
export async function openClient(target: Target): Promise<Client> {
  const connection = await tryConnect(target);
  if (connection === null) throw noServer(target);
  const client = new Client({ connection, namespace: target.namespace });
  await checkNamespace(client, target);
  return client;
}

/** Opens a client as long as it is used. */
export async function withClient<T>(target: Target, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await openClient(target);
  return use(client).finally(() => client.connection.close());
}

/** Returns null where no Temporal server answers. Never throws. */
export async function tryConnect(
  { options, address }: Pick<Target, 'options' | 'address'>,
  seconds = 10,
): Promise<Connection | null> {
  if (!(await isListening(address))) return null;
  return Connection.connect({ ...options, connectTimeout: seconds * 1000 }).catch(() => null);
}

/** Tells whether anything accepts connections at "host:port". */
export function isListening(address: string): Promise<boolean> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port, timeout: 5_000 });
    const end = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

export function splitAddress(address: string): { host: string; port: number } {
  const [, host = address, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(address) ?? [];
  return { host, port: Number(port ?? 7233) };
}

function loadConfig() {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(
      `temporal: the configuration cannot be read (${message}); correct the file or the TEMPORAL_… variables`,
    );
  }
}

function noServer({ address, explicit }: Target): CommandError {
  const remedy = explicit
    ? 'correct the address, or start the server'
    : 'start one, or use "npx karpathy-loop run", which brings its own';
  return new CommandError(`temporal: no server answers at ${address}; ${remedy}`);
}

async function checkNamespace(client: Client, { namespace, address }: Target): Promise<void> {
  try {
    await client.workflowService.describeNamespace({ namespace });
  } catch (error) {
    await client.connection.close();
    const isMissing = grpcCode(error) === grpcCodes.notFound;
    const remedy = `create it with "temporal operator namespace create ${namespace}"`;
    if (isMissing) throw new CommandError(`temporal: namespace "${namespace}" does not exist at ${address}; ${remedy}`);
    const { message } = error as Error;
    throw new CommandError(`temporal: the server at ${address} answers with an error (${message}); see its log`);
  }
}
