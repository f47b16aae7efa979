import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { isDirty, repositoryProblem } from '../../adapters/git/repository.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { refNames } from '../../ledger/refs.ts';
import { line, type CleanLine } from '../../domain/text.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { pauseUpdate, resumeUpdate, type LoopResult } from '../../workflows/messages.ts';
import { openBackend, type Backend } from '../backend/backend.ts';
import { lockRun } from '../backend/run-lock.ts';
import type { ServerFlags } from '../backend/server-flags.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt, untilAborted } from '../terminal/interrupt.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { isFruitless, stopText } from '../terminal/stop-text.ts';
import { quoteWords } from '../terminal/words.ts';
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
}

interface Run {
  data: string;
  loop: LoopInput;
  id: string | undefined;
  backend: Backend;
  progress: Progress;
  interrupt: AbortSignal;
  /** The report is printed as JSON. */
  isJson: boolean;
}

type Ending = { kind: 'ended'; loopId: string; result: LoopResult } | { kind: 'interrupted'; lines: CleanLine[] };

/** Ctrl-C goes on without an answer after this time. */
const pauseTimeoutMs = 5_000;

/** Does all that `run` does: checks, server, worker, loop, progress, report. */
export async function runLoop(loop: LoopInput, flags: RunFlags): Promise<void> {
  const problem = await repositoryProblem(loop.config.repository);
  if (problem) throw new CommandError(problem);
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const unlock = await lockRun(data);
  try {
    await runIn(data, loop, flags);
  } finally {
    await unlock();
  }
}

async function runIn(data: string, loop: LoopInput, flags: RunFlags): Promise<void> {
  const { repository } = loop.config;
  const settings = writeRunSettings(data, repository, flags);
  const progress = createProgress(flags.json);
  const interrupt = onInterrupt();
  const backend = await openBackend({ ...flags, data, settings, say: progress.line });
  let ending: Ending;
  try {
    ending = await pursue({ data, loop, id: flags.id, backend, progress, interrupt, isJson: flags.json === true });
  } finally {
    progress.step(line`ending`);
    await backend.close();
    progress.clear();
  }
  if (ending.kind === 'interrupted') {
    ending.lines.forEach(progress.line);
    throw new CommandError([], exitCodes.interrupted);
  }
  const { branchPending } = ending.result;
  if (branchPending) {
    const { champion } = refNames(ending.loopId, '');
    progress.line(line`branch: was ${branchPending}, so it stays where it is; type "git merge ${champion}" on it`);
  }
  progress.line(line`ended     ${stopText(ending.result)}`);
  await printReport(repository, ending.loopId, flags.json === true);
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
  introduce(run, opened);
  const { repository } = loop.config;
  if (!isUrl(repository) && (await isDirty(repository)))
    progress.line(line`note      the repository has uncommitted work, which the loop neither sees nor touches`);
  const from = continued ? null : 0;
  const { client } = backend;
  const following = follow({ client, loopId, progress, from, signal: interrupt });
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

function introduce({ data, backend, progress }: Run, { loopId, continued, after }: OpenedLoop): void {
  const { address, namespace, ui, startedServer, startedWorker, queue } = backend;
  progress.line(line`loop      ${loopId}${continued ? ', going on where it was' : ''}`);
  if (after && !continued)
    progress.line(
      line`note      ${after} has ended: this is a new loop from its base; to build on what that one gained give --base karpathy-loop/${after}`,
    );
  progress.line(line`temporal  ${address}${startedServer ? ', started for this run' : ''}`);
  if (ui) progress.line(line`ui        ${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(loopId)}`);
  progress.line(line`worker    ${queue}${startedWorker ? '' : ', already running, which keeps its own settings'}`);
  progress.line(line`data      ${data} (worker.log, and temporal.log of a server started here)`);
}

/** A loop that is not paused refuses to be resumed: nothing to do. */
async function resume(handle: WorkflowHandle): Promise<void> {
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
