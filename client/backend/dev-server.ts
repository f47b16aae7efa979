import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import versions from '../../domain/versions.json' with { type: 'json' };
import { findOnPath } from '../../adapters/sandbox/tools.ts';
import { CommandError } from '../terminal/command-error.ts';
import { isListening, splitAddress, tryConnect } from './connection.ts';
import { cacheDirectory } from '../../store/data-directory.ts';
import { endProcess } from './end-process.ts';

import type { Running } from './keep-running.ts';
import { forgetServer, recordServer } from './server-file.ts';
import { dataPaths } from '../../store/layout.ts';

export interface DevServer extends Running {
  address: string;
  /** Address of the Temporal UI. */
  ui: string;
  pid: number;
}

/** The version that set-up fetches. */
const cachedBinary = join(`temporal-${versions.temporal}`, 'temporal');
const readySeconds = 60;
/** A namespace by which other runs know a server of this kind: it ends with its run, so that they must not borrow it. */
export const runNamespace = 'karpathy-loop-run';

/**
 * Starts the official dev server with its database in the data directory. It ends with this process, even by SIGKILL.
 * @param preferred address to listen on; a free port is taken where something else is there already
 */
export async function startDevServer(data: string, preferred: string): Promise<DevServer> {
  const binary = findBinary();
  const { host, port: wanted } = splitAddress(preferred);
  const port = (await isListening(preferred)) ? await freePort() : wanted;
  const uiPort = (await isListening(`${host}:${port + 1000}`)) || port + 1000 > 65_535 ? await freePort() : port + 1000;
  const address = `${host}:${port}`;
  const log = dataPaths(data).serverLog;
  const child = spawnBound(binary, serverArguments(data, host, port, uiPort), log);
  await untilReady(child, address, log);
  const server = { address, ui: `http://localhost:${uiPort}`, pid: child.pid! };
  recordServer(data, server);
  return {
    ...server,
    ended: new Promise((resolve) => child.once('exit', resolve)),
    async stop() {
      await endProcess(child, 10);
      forgetServer(data);
    },
  };
}

function findBinary(): string {
  const cached = join(cacheDirectory(), cachedBinary);
  const found = findOnPath('temporal') ?? (existsSync(cached) ? cached : null);
  if (!found)
    throw new CommandError(
      `temporal: the program is neither on PATH nor at ${cached}; run "npm start" once, which fetches it, or install the Temporal CLI`,
    );
  return found;
}

function serverArguments(data: string, host: string, port: number, uiPort: number): string[] {
  // The default of 20 polls a second and shard holds every step back by 50 ms.
  const lifted = ['transfer', 'timer'].flatMap((queue) => [
    '--dynamic-config-value',
    `history.${queue}ProcessorMaxPollRPS=2000`,
  ]);
  const ports = ['--ip', host, '--port', String(port), '--ui-port', String(uiPort)];
  return [
    'server',
    'start-dev',
    '--db-filename',
    dataPaths(data).serverDatabase,
    '--namespace',
    runNamespace,
    ...ports,
    '--log-level',
    'error',
    ...lifted,
  ];
}

/** In a process group of its own, so that Ctrl-C reaches it through us alone, and bound to our life by the kernel where setpriv is there. */
function spawnBound(binary: string, args: string[], log: string): ChildProcess {
  const setpriv = findOnPath('setpriv');
  const [program, ...rest] = setpriv ? [setpriv, '--pdeathsig', 'TERM', binary, ...args] : [binary, ...args];
  const out = openSync(log, 'a');
  const child = spawn(program, rest, { detached: true, stdio: ['ignore', out, out] });
  closeSync(out);
  process.once('exit', () => child.kill('SIGTERM'));
  return child;
}

async function untilReady(child: ChildProcess, address: string, log: string): Promise<void> {
  const failed = once(child, 'exit').then(
    () => 'it ended',
    (error: unknown) => String(error),
  );
  const deadline = Date.now() + readySeconds * 1000;
  while (Date.now() < deadline) {
    if (await isUsable(address)) return;
    const fault = await Promise.race([failed, sleep(100, null)]);
    if (fault !== null)
      throw new CommandError(`temporal: the dev server did not start (${lastLine(log) || fault}); see ${log}`);
  }
  child.kill('SIGTERM');
  throw new CommandError(`temporal: the dev server did not answer within ${readySeconds} s; see ${log}`);
}

/** A server that has just begun to listen answers UNAVAILABLE, or does not know its namespace, for some seconds. */
async function isUsable(address: string): Promise<boolean> {
  const connection = await tryConnect({ address, options: { address } }, 2);
  if (!connection) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
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
