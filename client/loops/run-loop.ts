import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { isDirty, repositoryProblem } from '../../adapters/git/repository.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { pauseUpdate, resumeUpdate, type LoopResult } from '../../workflows/messages.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import type { ServerFlags } from '../backend/connection.ts';
import { refNames } from '../../ledger/refs.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { failureLines } from './failure-lines.ts';
import { follow } from './follow.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import type { LoopInput } from './loop-file.ts';
import { printReport } from './print-report.ts';
import { quoteWords } from '../terminal/quote-words.ts';
import { lockRun } from '../backend/run-lock.ts';
import { writeRunSettings, type AllowFlags } from './run-settings.ts';
import { createScreen, type Screen } from '../terminal/screen.ts';
import { openBackend, type Backend } from '../backend/backend.ts';
import { startOrContinue, type OpenedLoop } from './start-loop.ts';
import { line, type CleanLine } from '../../domain/text.ts';

export interface RunFlags extends ServerFlags, AllowFlags {
  id?: string;
  json?: true;
}

/** How long a pause may take to arrive before Ctrl-C goes on without it. */
const pauseSeconds = 5;

/** Everything that `run` does: checks, server, worker, loop, progress, report. */
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
  const screen = createScreen(flags.json ? process.stderr : process.stdout);
  const interrupt = onInterrupt();
  const backend = await openBackend({ ...flags, data, settings, say: screen.line });
  let ending: Ending;
  try {
    ending = await pursue(backend, loop, flags.id, interrupt, screen, data);
  } finally {
    screen.step(line`ending`);
    await backend.close();
    screen.clear();
  }
  if (ending.kind === 'interrupted') throw interrupted(ending.lines, screen);
  if (ending.result.branchPending)
    screen.line(
      line`branch: is checked out, so it does not move; the champion waits at ${refNames(ending.loopId, '').champion}`,
    );
  screen.line(line`ended: ${ending.result.stop ?? 'done'}`);
  await printReport(repository, ending.loopId, flags.json === true);
}

type Ending = { kind: 'ended'; loopId: string; result: LoopResult } | { kind: 'interrupted'; lines: CleanLine[] };

async function pursue(
  backend: Backend,
  loop: LoopInput,
  id: string | undefined,
  interrupt: AbortSignal,
  screen: Screen,
  data: string,
): Promise<Ending> {
  if (interrupt.aborted) return { kind: 'interrupted', lines: [line`interrupted before the loop began`] };
  // On this run's own worker, for a URL too: what the command line allows no other worker knows. "start" is for any number of them.
  const opened = await startOrContinue(backend.client, backend.queue, loop, id);
  const { loopId } = opened;
  const handle = backend.client.workflow.getHandle(loopId);
  if (opened.continued) await resume(handle);
  introduce(backend, opened, data, screen);
  const { repository } = loop.config;
  if (!isUrl(repository) && (await isDirty(repository)))
    screen.line(line`note      the repository has uncommitted work, which the loop neither sees nor touches`);
  const { better } = loop.config.benchmark;
  const following = follow({
    client: backend.client,
    loopId,
    screen,
    better,
    from: opened.continued ? null : 0,
    signal: interrupt,
  });
  following.catch(() => undefined);
  try {
    const result = await Promise.race([following, backend.lost, aborted(interrupt)]);
    return result
      ? { kind: 'ended', loopId, result }
      : { kind: 'interrupted', lines: await pauseLoop(handle, loopId, screen) };
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw new CommandError(failureLines(error));
    throw error;
  }
}

function introduce(
  { address, namespace, ui, startedServer, startedWorker, queue }: Backend,
  { loopId, continued, after }: OpenedLoop,
  data: string,
  screen: Screen,
): void {
  screen.line(line`loop      ${loopId}${continued ? ', going on where it was' : ''}`);
  if (after && !continued)
    screen.line(
      line`note      ${after} has ended, so this is a new loop from its base; to build on what that one gained give --base karpathy-loop/${after}`,
    );
  screen.line(line`temporal  ${address}${startedServer ? ', started for this run' : ''}`);
  if (ui) screen.line(line`ui        ${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(loopId)}`);
  screen.line(line`worker    ${queue}${startedWorker ? '' : ', which was running already and keeps its own settings'}`);
  screen.line(line`data      ${data} (worker.log, and temporal.log of a server started here)`);
}

/** A loop that is not paused refuses to be resumed, and that is fine. */
async function resume(handle: WorkflowHandle): Promise<void> {
  await handle.executeUpdate(resumeUpdate).catch((error: unknown) => {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  });
}

async function pauseLoop(handle: WorkflowHandle, loopId: string, screen: Screen): Promise<CleanLine[]> {
  screen.line(line`pausing (Ctrl-C again ends at once)`);
  const paused = handle.executeUpdate(pauseUpdate).then(
    () => true,
    (error: unknown) => error instanceof WorkflowUpdateFailedError,
  );
  const arrived = await Promise.race([paused, sleep(pauseSeconds * 1000, false)]);
  return [
    arrived
      ? line`paused; no finished step is lost`
      : line`stopped here without a pause: the loop did not answer in time; no finished step is lost`,
    line`go on:  npx karpathy-loop ${quoteWords(process.argv.slice(2))}`,
    line`end it: npx karpathy-loop stop ${loopId}`,
  ];
}

function interrupted(lines: readonly CleanLine[], screen: Screen): CommandError {
  lines.forEach((line) => screen.line(line));
  return new CommandError([], exitCodes.interrupted);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
