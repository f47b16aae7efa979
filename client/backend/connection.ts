import { existsSync, readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { Client, Connection, type ConnectionOptions, type Payload } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { isObject, parseJson } from '../../adapters/json-text.ts';
import { loadCodec } from '../../adapters/payload-codec.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
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
  /** Module of the payload codec that the data directory's worker uses, if any. */
  codec: string | undefined;
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
  return { address, namespace, explicit: named !== undefined, options, codec: codecOf(dataDirectory(flags.data)) };
}

/** Gives the same target with another address. */
export function targetAt(target: Target, address: string): Target {
  return { ...target, address, options: { ...target.options, address } };
}

/** @throws CommandError with one line where no Temporal server answers, or it does not know the namespace */
export async function openClient(target: Target): Promise<Client> {
  const connection = await tryConnect(target);
  if (connection === null) throw noServer(target);
  const dataConverter = await loadCodec(target.codec).catch((error: unknown) => {
    throw new CommandError((error as Error).message);
  });
  const client = new Client({ connection, namespace: target.namespace, ...(dataConverter && { dataConverter }) });
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

/** Reads the one field that commands share with the worker; the worker tells what is wrong with the rest. */
function codecOf(data: string): string | undefined {
  const { settings } = dataPaths(data);
  const json = existsSync(settings) ? parseJson(readFileSync(settings, 'utf8'), settings) : null;
  const codec = json?.ok && isObject(json.value) ? json.value['payloadCodec'] : undefined;
  return typeof codec === 'string' ? codec : undefined;
}

/** Reads a payload that the server gave as it keeps it. */
export async function decodePayload(client: Client, payload: Payload): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let decoded = [payload];
  for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
  return payloadConverter.fromPayload(decoded[0]!);
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
