import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { execa } from 'execa';
import versions from '../../adapters/tool-versions.json' with { type: 'json' };
import { findOnPath } from '../../adapters/sandbox/tools.ts';
import { searchAttributes } from '../../domain/search-attributes.ts';
import { cacheDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { CommandError } from '../terminal/command-error.ts';
import { grpcCode, grpcCodes } from './grpc.ts';
import { isListening, splitAddress, tryConnect, type Target } from './connection.ts';
import type { Running } from './keep-running.ts';
import { bringParts } from './parts.ts';
import { forgetServer, recordedServer, recordServer, type RecordedServer } from './server-file.ts';

export type DevServer = Running & RecordedServer;

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;
/** Only our dev servers have this namespace: other runs do not use them, since each ends with its own run. */
const runNamespace = 'karpathy-loop-run';
/** Tells the server of one data directory from another's at the same port. */
const ownNamespace = (data: string) =>
  `karpathy-loop-${createHash('sha256').update(resolve(data)).digest('hex').slice(0, 16)}`;

/** Starts the dev server, at a free port if the preferred one is taken. It ends with this process, even by SIGKILL. */
export async function startDevServer(data: string, preferred: string): Promise<DevServer> {
  const { host, port } = splitAddress(preferred);
  if (await isListening(preferred)) return startAt(data, host, await freePort());
  // Two runs that begin at once find the same ports free, and each may lose one of them to the other.
  return startAt(data, host, port).catch(async () => startAt(data, host, await freePort()));
}

async function startAt(data: string, host: string, port: number): Promise<DevServer> {
  const uiPort = (await isListening(`${host}:${port + 1000}`)) || port + 1000 > 65_535 ? await freePort() : port + 1000;
  const address = `${host}:${port}`;
  const log = dataPaths(data).serverLog;
  const child = spawnServer([await findBinary(), ...serverArguments(data, host, port, uiPort)], log);
  await untilReady(child, { address, namespace: ownNamespace(data) }, log);
  const server = { address, ui: `http://localhost:${uiPort}`, pid: child.pid! };
  recordServer(data, server);
  return {
    ...server,
    ended: child.then(({ exitCode }) => exitCode ?? null),
    async stop() {
      child.kill();
      await child;
      forgetServer(data);
    },
  };
}

/** Tells whether this directory's loops lie in the database of a dev server that ended with its `run`. */
export async function isServerAsleep(data: string, target: Target): Promise<boolean> {
  if (target.explicit || recordedServer(data) || !existsSync(dataPaths(data).serverDatabase)) return false;
  const connection = await tryConnect(target);
  if (connection === null) return true;
  return endsWithAnotherRun(connection).finally(() => connection.close());
}

/** Recognizes the dev server of another run: it would end in the middle of ours. */
export async function endsWithAnotherRun(connection: Connection): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.workflowService.describeNamespace({ namespace: runNamespace });
      return true;
    } catch (error) {
      const { details } = error as { details?: string };
      if (grpcCode(error) === grpcCodes.notFound && details?.includes(runNamespace)) return false;
      // A server that is coming up may answer anything; to use it is the greater risk.
      if (tries >= 10) return true;
      await sleep(500);
    }
  }
}

/** Brings the Temporal CLI where it is missing. */
export async function findBinary(): Promise<string> {
  const cached = join(cacheDirectory(), `temporal-${versions.temporal}`, 'temporal');
  const found = findOnPath('temporal') ?? (existsSync(cached) ? cached : null);
  if (!found) await bringParts(['temporal']);
  return found ?? cached;
}

function serverArguments(data: string, host: string, port: number, uiPort: number): string[] {
  // The default of 20 polls a second and shard delays every step by 50 ms.
  const polls = ['transfer', 'timer'].map((queue) => `history.${queue}ProcessorMaxPollRPS=2000`);
  const options: [string, string][] = [
    ['--db-filename', dataPaths(data).serverDatabase],
    ['--namespace', runNamespace],
    ['--namespace', ownNamespace(data)],
    ['--ip', host],
    ['--port', String(port)],
    ['--ui-port', String(uiPort)],
    ['--log-level', 'error'],
    ...Object.values(searchAttributes).map(({ name, type }): [string, string] => [
      '--search-attribute',
      `${name}=${type}`,
    ]),
    ...polls.map((value): [string, string] => ['--dynamic-config-value', value]),
  ];
  return ['server', 'start-dev', ...options.flat()];
}

/** Ctrl-C reaches its own process group through us alone. Where setpriv is there, the kernel ends it with us. */
function spawnServer(command: string[], log: string) {
  const setpriv = findOnPath('setpriv');
  const words = [...(setpriv ? [setpriv, '--pdeathsig', 'TERM'] : []), ...command];
  // A pipe through this process would break when we are killed. Execa takes any descriptor; its type ends at 9.
  const out = openSync(log, 'a') as 3;
  const child = execa(words[0]!, words.slice(1), {
    detached: true,
    stdio: ['ignore', out, out],
    reject: false,
    forceKillAfterDelay: stopTimeoutMs,
  });
  closeSync(out);
  process.once('exit', () => child.kill());
  return child;
}

async function untilReady(
  child: ReturnType<typeof spawnServer>,
  server: { address: string; namespace: string },
  log: string,
): Promise<void> {
  const failed = child.then(({ originalMessage }) => originalMessage ?? 'it ended');
  const deadline = Date.now() + readyTimeoutMs;
  while (Date.now() < deadline) {
    if (await isUsable(server)) return;
    const fault = await Promise.race([failed, sleep(100, null)]);
    if (fault !== null)
      throw new CommandError(`temporal: the dev server did not start (${lastLine(log) || fault}); see ${log}`);
  }
  child.kill();
  throw new CommandError(`temporal: the dev server did not answer within ${readyTimeoutMs / 1000} s; see ${log}`);
}

/** A server that has just begun to listen knows no namespace for some seconds, or answers UNAVAILABLE. */
async function isUsable({ address, namespace }: { address: string; namespace: string }): Promise<boolean> {
  const connection = await tryConnect({ address, options: { address } }, 2);
  if (!connection) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.workflowService.describeNamespace({ namespace });
    await connection.workflowService.listWorkflowExecutions({ namespace: 'default', pageSize: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function lastLine(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)!.slice(0, 300);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
