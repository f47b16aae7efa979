import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { isDirty, repositoryProblem } from '../../adapters/git/repository.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { refNames } from '../../ledger/refs.ts';
import { line, quoteWords, toJsonLine, type CleanLine } from '../../domain/text.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { pauseUpdate, resumeUpdate, type LoopResult } from '../../workflows/messages.ts';
import { openBackend, type Backend } from '../backend/backend.ts';
import { bringEmbeddedIfNeeded } from '../backend/parts.ts';
import { lockRun } from '../backend/run-lock.ts';
import type { ServerFlags } from '../backend/server-flags.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt, untilAborted } from '../terminal/interrupt.ts';
import { drawEvent } from '../terminal/draw-event.ts';
import { createProgress, print, type Progress } from '../terminal/progress.ts';
import { isFruitless, stopText } from '../terminal/stop-text.ts';
import type { StartedEvent } from './events.ts';
import { failureLines } from './failure-lines.ts';
import { follow } from './follow.ts';
import { readLedgerOf } from './ledgers.ts';
import type { LoopInput } from './loop-file.ts';
import { printReport } from './print-report.ts';
import { writeRunSettings, type AllowFlags } from './run-settings.ts';
import { startOrContinue, type OpenedLoop } from './start-loop.ts';

export interface RunFlags extends ServerFlags, AllowFlags {
  id?: string;
  json?: true;
  quiet?: true;
}

interface Run {
  data: string;
  loop: LoopInput;
  id: string | undefined;
  backend: Backend;
  progress: Progress;
  interrupt: AbortSignal;
  /** Events and report are printed as lines of JSON. */
  isJson: boolean;
}

type Ending = { kind: 'ended'; loopId: string; result: LoopResult } | { kind: 'interrupted'; lines: CleanLine[] };

/** Ctrl-C goes on without an answer after this time. */
const pauseTimeoutMs = 5_000;

export interface RunBackend {
  data: string;
  backend: Backend;
  /** Ends what was started, and frees the data directory. */
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
  const unlock = await lockRun(data);
  try {
    const settings = writeRunSettings(data, config.repository, flags);
    await bringEmbeddedIfNeeded(config.hypothesis, settings);
    const backend = await openBackend({ ...flags, data, settings, say });
    return { data, backend, close: () => backend.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Does all that `run` does: checks, server, worker, loop, progress, report. */
export async function runLoop(loop: LoopInput, flags: RunFlags): Promise<void> {
  const { repository } = loop.config;
  const isJson = flags.json === true;
  const progress = createProgress(flags);
  const { data, backend, close } = await openRunBackend(loop, flags, progress.line);
  const interrupt = onInterrupt();
  let ending: Ending;
  try {
    ending = await pursue({ data, loop, id: flags.id, backend, progress, interrupt, isJson });
  } finally {
    progress.step(line`ending`);
    await close();
    progress.clear();
  }
  if (ending.kind === 'interrupted') {
    ending.lines.forEach((text) => progress.line(text));
    throw new CommandError([], exitCodes.interrupted);
  }
  const { branchPending } = ending.result;
  if (branchPending) {
    const { champion } = refNames(ending.loopId, '');
    progress.line(line`branch: was ${branchPending}, so it stays where it is; type "git merge ${champion}" on it`);
  }
  progress.line(line`ended     ${stopText(ending.result)}`);
  await printReport(repository, ending.loopId, isJson);
  if (isFruitless(ending.result)) {
    const cause = ending.result.last?.detail ?? 'see the report';
    throw new CommandError(`loop: every iteration failed, and nothing was measured; the last one: ${cause}`);
  }
}

async function pursue(run: Run): Promise<Ending> {
  const { loop, id, backend, progress, interrupt, isJson } = run;
  if (interrupt.aborted) return { kind: 'interrupted', lines: [line`interrupted before the loop began`] };
  // On this run's own worker, for a URL too: no other worker knows what this command line allows.
  const opened = await startOrContinue(backend.client, backend.queue, loop, id);
  const { loopId, continued } = opened;
  const handle = backend.client.workflow.getHandle(loopId);
  if (continued) await resume(handle);
  const started = startedEvent(run, opened);
  if (isJson) print(toJsonLine(started));
  drawEvent(progress, started);
  const { repository } = loop.config;
  if (!isUrl(repository) && (await isDirty(repository)))
    progress.line(line`note      the repository has uncommitted work, which the loop neither sees nor touches`);
  const from = continued ? null : 0;
  const { client } = backend;
  const following = follow({ client, loopId, progress, isJson, from, signal: interrupt });
  following.catch(() => undefined);
  try {
    const result = await Promise.race([following, backend.lost, untilAborted(interrupt)]);
    return result
      ? { kind: 'ended', loopId, result }
      : { kind: 'interrupted', lines: await pauseLoop(handle, loopId, progress) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    progress.clear();
    // What was reached before is told too; a loop that never began has no ledger.
    if (await readLedgerOf(repository, loopId)) await printReport(repository, loopId, isJson);
    throw new CommandError(failureLines(error));
  }
}

/** Tells where a loop was begun. */
export function startedEvent(
  { data, backend }: Pick<RunBackend, 'data' | 'backend'>,
  opened: OpenedLoop,
): StartedEvent {
  const { loopId, continued, after } = opened;
  const { address, namespace, ui, queue, startedServer, startedWorker } = backend;
  const page = ui && `${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(loopId)}`;
  const facts = { loopId, continued, after, address, namespace, ui: page, queue, data };
  return { type: 'started', ...facts, startedServer, startedWorker };
}

/** A loop that is not paused refuses to be resumed: nothing to do. */
export async function resume(handle: WorkflowHandle): Promise<void> {
  await handle.executeUpdate(resumeUpdate).catch((error: unknown) => {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  });
}

async function pauseLoop(handle: WorkflowHandle, loopId: string, progress: Progress): Promise<CleanLine[]> {
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
    line`end it: npx karpathy-loop stop ${loopId}`,
  ];
}
