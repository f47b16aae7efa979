import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { isDirty, repositoryProblem } from '../../adapters/git/repository.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { line, quoteWords, toJsonLine, type CleanLine } from '../../domain/text.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { pauseUpdate, resumeUpdate, type LoopResult } from '../../workflows/messages.ts';
import { openBackend, type Backend } from '../backend/backend.ts';
import { joinDaemon } from '../backend/daemon.ts';
import { bringEmbeddedIfNeeded } from '../backend/parts.ts';
import { lockRun } from '../backend/run-lock.ts';
import { serverWords, type ServerFlags } from '../backend/server-flags.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { drawEvent } from '../terminal/draw-event.ts';
import { createProgress, print, type Progress } from '../terminal/progress.ts';
import type { StartedEvent } from './events.ts';
import { failureLines } from './failure-lines.ts';
import { followOrLeave } from './follow.ts';
import { readLedgerOf } from './ledgers.ts';
import type { LoopInput } from './loop-file.ts';
import { printReport } from './print-report.ts';
import { settingsFor, writeSettings, type AllowFlags } from './run-settings.ts';
import { startOrContinue, type OpenedLoop } from './start-loop.ts';
import { tellEnding } from './tell-ending.ts';

export interface RunFlags extends ServerFlags, AllowFlags {
  id?: string;
  json?: true;
  quiet?: true;
  foreground?: true;
  detach?: true;
}

interface Run extends Omit<RunBackend, 'close'> {
  loop: LoopInput;
  flags: RunFlags;
  progress: Progress;
  interrupt: AbortSignal;
}

type Ending = { kind: 'ended'; loopId: string; result: LoopResult } | { kind: 'left'; lines: CleanLine[] };

/** Ctrl-C goes on without an answer after this time. */
const pauseTimeoutMs = 5_000;

export interface RunBackend {
  data: string;
  backend: Backend;
  keptByDaemon: boolean;
  /** Ends what was started, and frees the data directory; a daemon stays. */
  close: () => Promise<void>;
}

/** Opens server and worker for a loop, with what its command line allows; brings what they lack. */
export async function openRunBackend(
  { config }: LoopInput,
  flags: RunFlags,
  say: (text: CleanLine) => void,
): Promise<RunBackend> {
  const problem = await repositoryProblem(config.repository);
  if (problem) throw new CommandError(problem);
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const settings = settingsFor(data, config.repository, flags);
  if (!flags.foreground) {
    await bringEmbeddedIfNeeded(config.hypothesis, settings);
    const backend = await joinDaemon({ ...flags, data, settings, say });
    return { data, backend, keptByDaemon: true, close: backend.close };
  }
  const unlock = await lockRun(data);
  try {
    await bringEmbeddedIfNeeded(config.hypothesis, settings);
    const file = writeSettings(dataPaths(data).runSettings, settings);
    const backend = await openBackend({ ...flags, data, settings: file, say });
    return { data, backend, keptByDaemon: false, close: () => backend.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Does all that `run` does: checks, server, worker, loop, progress, report. */
export async function runLoop(loop: LoopInput, flags: RunFlags): Promise<void> {
  const { repository } = loop.config;
  const progress = createProgress(flags);
  const { close, ...opened } = await openRunBackend(loop, flags, progress.line);
  const interrupt = onInterrupt();
  let ending: Ending;
  try {
    ending = await pursue({ ...opened, loop, flags, progress, interrupt });
  } finally {
    if (flags.foreground) progress.step(line`ending`);
    await close();
    progress.clear();
  }
  if (ending.kind === 'left') {
    ending.lines.forEach((text) => progress.line(text));
    if (flags.detach) return;
    throw new CommandError([], exitCodes.interrupted);
  }
  await tellEnding({ repository, loopId: ending.loopId, result: ending.result }, progress, flags.json === true);
}

async function pursue(run: Run): Promise<Ending> {
  const { loop, flags, backend, progress, interrupt } = run;
  if (interrupt.aborted) return { kind: 'left', lines: [line`interrupted before the loop began`] };
  // On this run's own worker, for a URL too: no other worker knows what this command line allows.
  const opened = await startOrContinue(backend.client, backend.queue, loop, flags.id);
  const { loopId, continued } = opened;
  const handle = backend.client.workflow.getHandle(loopId);
  if (continued) await resume(handle);
  const started = startedEvent(run, opened);
  const isJson = flags.json === true;
  if (isJson) print(toJsonLine(started));
  drawEvent(progress, started);
  const { repository } = loop.config;
  if (!isUrl(repository) && (await isDirty(repository)))
    progress.line(line`note      the repository has uncommitted work, which the loop neither sees nor touches`);
  if (flags.detach) return { kind: 'left', lines: detached(loopId, flags) };
  const from = continued ? null : 0;
  const { client } = backend;
  try {
    const options = { client, loopId, progress, isJson, from, signal: interrupt };
    const result = await followOrLeave(options, backend.lost);
    if (result) return { kind: 'ended', loopId, result };
    const lines = flags.foreground ? await pauseLoop(handle, loopId, run) : detached(loopId, flags);
    return { kind: 'left', lines };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    progress.clear();
    // What was reached before is told too; a loop that never began has no ledger.
    if (await readLedgerOf(repository, loopId)) await printReport(repository, loopId, flags.json === true);
    throw new CommandError(failureLines(error));
  }
}

/** Tells where a loop was begun. */
export function startedEvent(
  { data, backend, keptByDaemon }: Pick<RunBackend, 'data' | 'backend' | 'keptByDaemon'>,
  opened: OpenedLoop,
): StartedEvent {
  const { loopId, continued, after } = opened;
  const { address, namespace, ui, queue, startedServer, startedWorker } = backend;
  const page = ui && `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(loopId)}`;
  const facts = { loopId, continued, after, address, namespace, ui: page, queue, data };
  return { type: 'started', ...facts, startedServer, startedWorker, keptByDaemon };
}

function detached(loopId: string, flags: RunFlags): CleanLine[] {
  const rest = `${loopId}${serverWords(flags)}`;
  return [
    line`detached: the loop goes on, also when this terminal is closed`,
    line`attach: npx karpathy-loop attach ${rest}`,
    line`pause:  npx karpathy-loop pause ${rest}`,
    line`stop:   npx karpathy-loop stop ${rest}`,
  ];
}

/** A loop that is not paused refuses to be resumed: nothing to do. */
export async function resume(handle: WorkflowHandle): Promise<void> {
  await handle.executeUpdate(resumeUpdate).catch((error: unknown) => {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  });
}

async function pauseLoop(handle: WorkflowHandle, loopId: string, { progress, flags }: Run): Promise<CleanLine[]> {
  progress.line(line`pausing (Ctrl-C again ends at once)`);
  const paused = handle.executeUpdate(pauseUpdate).then(
    () => true,
    (error: unknown) => error instanceof WorkflowUpdateFailedError,
  );
  const arrived = await Promise.race([paused, sleep(pauseTimeoutMs, false)]);
  return [
    arrived
      ? line`paused; no finished step is lost`
      : line`stopped here without a pause: the loop did not answer in time; no finished step is lost`,
    line`go on:  npx karpathy-loop ${quoteWords(process.argv.slice(2))}`,
    line`end it: npx karpathy-loop stop ${loopId}${serverWords(flags)}`,
  ];
}
