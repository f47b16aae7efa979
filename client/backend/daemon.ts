import { closeSync, existsSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { ownFile } from '../../adapters/own-files.ts';
import { line } from '../../domain/text.ts';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { dataPaths } from '../../store/layout.ts';
import { openLoops } from '../loops/loops.ts';
import { readSettings } from '../loops/run-settings.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { openClient, targetAt, targetOf, withClient, type Target } from './connection.ts';
import { digestGrants, readDaemon, runningDaemon, type DaemonRecord } from './daemon-file.ts';
import { findBinary } from './dev-server.ts';
import { keepRunning, type Running } from './keep-running.ts';

export interface DaemonOptions extends Omit<BackendOptions, 'settings'> {
  /** Grants that its worker must have. Null: those that it had before. */
  settings: WorkerSettings | null;
}

/** Message of a daemon to the command that brings it up. */
export type DaemonMessage =
  | { kind: 'ready' }
  /** Another command has the data directory. */
  | { kind: 'taken'; lines: readonly string[] }
  | { kind: 'failed'; lines: readonly string[]; exitCode: number };

type Ready = DaemonRecord & { ready: NonNullable<DaemonRecord['ready']> };

const pollMs = 250;
/** One that gives way to another one leaves no record for so long, in polls. */
const gapPolls = 40;
const endTimeoutMs = 60_000;

/**
 * Joins the daemon of a data directory; brings it up where none runs, also after a crash.
 * @throws CommandError where nothing starts, or it keeps loops under other grants
 */
export async function joinDaemon(options: DaemonOptions): Promise<Backend> {
  const { data, say } = options;
  const first = await enter(options);
  const kept = keepRunning('daemon', watch(data, first), async () => watch(data, await enter(options)), say);
  const { address, namespace } = first.ready;
  try {
    const client = await openClient(targetAt(targetOf({ ...options, namespace }), address));
    return { ...first.ready, client, lost: kept.lost, close: () => kept.stop() };
  } catch (error) {
    await kept.stop();
    throw error;
  }
}

/** Ends the daemon of a data directory. Its open loops wait. Returns false where none runs. */
export async function endDaemon(data: string): Promise<boolean> {
  const running = runningDaemon(data);
  if (!running) return false;
  process.kill(running.pid, 'SIGTERM');
  const deadline = Date.now() + endTimeoutMs;
  while (runningDaemon(data)?.pid === running.pid) {
    if (Date.now() > deadline)
      throw new CommandError(`daemon: process ${running.pid} does not end; see ${dataPaths(data).daemonLog}`);
    await sleep(pollMs);
  }
  return true;
}

async function enter(options: DaemonOptions): Promise<Ready> {
  const { data, settings, say } = options;
  const target = targetOf(options);
  let wanted = settings ?? lastSettings(data);
  for (;;) {
    const running = runningDaemon(data);
    if (running === undefined) {
      // A named server that does not answer is said at once.
      if (target.explicit) await withClient(target, () => Promise.resolve());
      else await findBinary();
      say(line`bringing up server and worker`);
      if (await bringUp(options, wanted)) continue;
    } else if (running.ready === null) await sleep(pollMs);
    else if (settings === null || covers(running as Ready, target, settings)) return running as Ready;
    else {
      wanted = await giveWay(data, running as Ready, target, settings);
      await endDaemon(data);
    }
  }
}

function lastSettings(data: string): WorkerSettings {
  const { runSettings, settings } = dataPaths(data);
  return readSettings(existsSync(runSettings) ? runSettings : settings);
}

function covers(running: Ready, target: Target, settings: WorkerSettings): boolean {
  return (
    isSame(running, target, settings) && settings.repositories.every((path) => running.repositories.includes(path))
  );
}

/** Tells whether it differs in repositories alone. */
function isSame({ ready, grants }: Ready, { explicit, address, namespace }: Target, settings: WorkerSettings): boolean {
  const isSameServer = explicit ? ready.address === address : ready.startedServer;
  return isSameServer && ready.namespace === namespace && grants === digestGrants(settings);
}

/** Returns the settings of the daemon that takes its place. @throws CommandError where loops need this one */
async function giveWay(
  data: string,
  running: Ready,
  target: Target,
  settings: WorkerSettings,
): Promise<WorkerSettings> {
  if (isSame(running, target, settings))
    return { ...settings, repositories: [...new Set([...running.repositories, ...settings.repositories])] };
  const { address, namespace, queue } = running.ready;
  const client = await openClient(targetAt({ ...target, namespace }, address));
  const open = await openLoops(client, queue).finally(() => client.connection.close());
  if (open.length === 0) return settings;
  const loops = `${open.join(', ')} ${open.length > 1 ? 'run' : 'runs'}`;
  throw new CommandError(
    `daemon: ${loops} on ${data} with other grants or another server; wait, stop ${open.length > 1 ? 'them' : 'it'}, or give another --data`,
  );
}

/** Returns false where another command was faster. @throws CommandError as the daemon itself would */
async function bringUp({ data, address, namespace }: DaemonOptions, settings: WorkerSettings): Promise<boolean> {
  const log = openSync(dataPaths(data).daemonLog, 'a') as 3;
  const launcher = ownFile('client/karpathy-loop.mjs');
  const named = [...(address ? ['--address', address] : []), ...(namespace ? ['--namespace', namespace] : [])];
  const child = execa(process.execPath, [launcher, 'daemon', '--data', data, ...named], {
    // A session of its own: a closed terminal does not reach it.
    ...{ detached: true, cleanup: false, reject: false, buffer: false },
    ...{ stdio: ['ignore', log, log] as const, ipc: true },
  });
  closeSync(log);
  child.send(settings);
  const told = new Promise<DaemonMessage>((resolve) => child.once('message', (message) => resolve(message as never)));
  const ended = child.then(({ exitCode }) => ({
    kind: 'failed' as const,
    lines: [`daemon: ended with exit code ${exitCode ?? 'none'}; see ${dataPaths(data).daemonLog}`],
    exitCode: 1,
  }));
  const message = await Promise.race([told, ended]);
  if (child.connected) child.disconnect();
  child.unref();
  if (message.kind === 'failed') throw new CommandError(message.lines, message.exitCode);
  if (message.kind === 'taken' && !(await comesUp(data))) throw new CommandError(message.lines);
  return message.kind === 'ready';
}

/** The other command may be a daemon that has yet to record itself, or has just ended. */
async function comesUp(data: string): Promise<boolean> {
  for (let polls = 0; polls < gapPolls; polls++) {
    if (runningDaemon(data)) return true;
    await sleep(pollMs);
  }
  return false;
}

/** Its end by a signal that it could not answer is a crash; one in good order is somebody's will. */
function watch(data: string, daemon: DaemonRecord): Running {
  const watching = new AbortController();
  const ended = untilGone(data, daemon, watching.signal);
  ended.catch(() => undefined);
  const stop = async () => {
    watching.abort();
    await ended.catch(() => undefined);
  };
  return { ended, stop };
}

/** @throws CommandError where it has ended in good order, and no other one takes its place */
async function untilGone(data: string, { pid }: DaemonRecord, end: AbortSignal): Promise<undefined> {
  for (let missing = 0; !end.aborted && missing <= gapPolls;) {
    await sleep(pollMs);
    const found = readDaemon(data);
    if (found === 'none') missing++;
    else if (found !== 'ended' && found.pid === pid) missing = 0;
    else return undefined;
  }
  if (!end.aborted) throw new CommandError('daemon: was ended by "down"; its loops wait, and the same command goes on');
  return undefined;
}
