import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { line, toBlock, type CleanLine } from '../../domain/text.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { openBackend, type Backend } from './backend.ts';
import { targetAt, targetOf, withClient } from './connection.ts';
import { endDaemon, type DaemonMessage } from './daemon.ts';
import { digestGrants, forgetDaemon, recordDaemon, runningDaemon } from './daemon-file.ts';
import { lockRun } from './run-lock.ts';
import { addServerFlags, serverWords, type ServerFlags } from './server-flags.ts';
import { hasOpenWork, openLoops } from '../loops/loops.ts';
import { writeSettings } from '../loops/run-settings.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt, untilAborted } from '../terminal/interrupt.ts';
import { print } from '../terminal/progress.ts';

interface DaemonFlags extends ServerFlags {
  idle: string;
}

const idlePollMs = 5_000;

/** Defines `down`, or the command that `run` gives to bring a daemon up. */
export function define(command: Command): void {
  if (command.name() === 'down') {
    command
      .option('--data <directory>', 'the data directory')
      .addHelpText(
        'after',
        '\nIt ends by itself some minutes after its last loop. Open loops wait; "attach" goes on with one.',
      )
      .action(down);
    return;
  }
  addServerFlags(command.option('--idle <seconds>', 'end so long after the last open loop', '300')).action(serve);
}

/** Keeps server and worker of a data directory until no loop is open any more, or SIGTERM. */
async function serve({ idle, ...flags }: DaemonFlags): Promise<void> {
  const interrupt = onInterrupt();
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const granted = await receiveSettings();
  const unlock = await lockRun(data).catch((error: unknown) => {
    tell({ kind: 'taken', lines: (error as CommandError).lines });
    throw error;
  });
  const { repositories } = granted;
  const record = { pid: process.pid, grants: digestGrants(granted), repositories };
  recordDaemon(data, { ...record, ready: null });
  try {
    const settings = writeSettings(dataPaths(data).runSettings, granted);
    const backend = await openBackend({ ...flags, data, settings, say });
    try {
      const { client: _client, lost: _lost, close: _close, ...ready } = backend;
      recordDaemon(data, { ...record, ready });
      tell({ kind: 'ready' });
      say(line`up: ${ready.queue} at ${ready.address}`);
      await Promise.race([untilAborted(interrupt), untilIdle(backend, Number(idle) * 1000, interrupt), backend.lost]);
    } finally {
      say(line`ending`);
      await backend.close();
    }
  } catch (error) {
    const lines = error instanceof CommandError ? error.lines : [(error as Error).message];
    tell({ kind: 'failed', lines, exitCode: error instanceof CommandError ? error.exitCode : exitCodes.error });
    throw error;
  } finally {
    forgetDaemon(data);
    await unlock();
  }
}

/** @throws CommandError where no command has brought it up */
async function receiveSettings(): Promise<WorkerSettings> {
  if (!process.connected) throw new CommandError('daemon: is brought up by "run"; type that', exitCodes.usage);
  return new Promise((resolve) => process.once('message', (settings) => resolve(settings as WorkerSettings)));
}

/** The command may have gone meanwhile: then nobody needs to be told. */
function tell(message: DaemonMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function say(text: CleanLine): void {
  print(toBlock(`${new Date().toISOString()} ${text}\n`));
}

/** A server that does not answer for a while is started again by others: nothing is known then. */
async function untilIdle({ client, queue, startedServer }: Backend, idleMs: number, end: AbortSignal): Promise<void> {
  for (let idleSince = Date.now(); !end.aborted && Date.now() - idleSince < idleMs;) {
    await sleep(Math.min(idlePollMs, idleMs));
    const isBusy = await hasOpenWork(client, startedServer ? undefined : queue).catch(() => true);
    if (isBusy) idleSince = Date.now();
  }
}

async function down({ data: given }: { data?: string }): Promise<void> {
  const data = dataDirectory(given);
  const ready = runningDaemon(data)?.ready;
  const open = ready
    ? await withClient(targetAt({ ...targetOf({ data }), namespace: ready.namespace }, ready.address), (client) =>
        openLoops(client, ready.queue),
      ).catch(() => [])
    : [];
  const told = (await endDaemon(data))
    ? `down: server and worker of ${data} have ended`
    : `down: nothing is up on ${data}`;
  const waiting = open.map(
    (loopId) => `${loopId} waits; npx karpathy-loop attach ${loopId}${serverWords({ data: given })} goes on`,
  );
  print(toBlock(`${[told, ...waiting].join('\n')}\n`, Infinity));
}
