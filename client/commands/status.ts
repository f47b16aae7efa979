import { WorkflowFailedError } from '@temporalio/client';
import type { Command } from 'commander';
import { toBlock, toJsonLine, type CleanText } from '../../domain/text.ts';
import type { LoopStatus } from '../../workflows/messages.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import type { StepEvent } from '../loops/events.ts';
import { failureLines } from '../loops/failure-lines.ts';
import { askStatus, follow, stepEvent } from '../loops/follow.ts';
import { addLoopArgument, isPolled, notPolled, withLoop, type FoundLoop } from '../loops/loops.ts';
import { memoOf } from '../loops/start-loop.ts';
import { CommandError } from '../terminal/command-error.ts';
import { createProgress, print } from '../terminal/progress.ts';
import { wholeStepText } from '../terminal/draw-event.ts';
import { renderStatus } from '../terminal/status-text.ts';

interface StatusFlags extends ServerFlags {
  follow?: true;
  json?: true;
  quiet?: true;
}

export function define(command: Command): void {
  addLoopArgument(command)
    .option('--follow', 'show iterations as they end, until the loop does; Ctrl-C leaves the loop alone')
    .option('--json', 'print the status as JSON; with --follow, each event as a line of it')
    .option('--quiet', 'with --follow: say nothing until the loop has ended');
  addServerFlags(command).action((id: string | undefined, flags: StatusFlags) =>
    withLoop(id, flags, (loop) => showStatus(loop, flags)).catch((error: unknown) => {
      throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
    }),
  );
}

async function showStatus(loop: FoundLoop, flags: StatusFlags): Promise<void> {
  const { client, loopId, description } = loop;
  const isRunning = description.status.name === 'RUNNING';
  const status = await readStatus(loop).catch((error: unknown) => {
    throw lastKnown(description, flags, error);
  });
  if (!flags.follow || !isRunning)
    return void printStatus(status, isRunning ? await stepEvent(client, status) : null, flags);
  if (!flags.json && !flags.quiet) printStatus(status, null, flags);
  const progress = createProgress(flags);
  const from = status.last?.iteration ?? 0;
  const result = await follow({ client, loopId, progress, from, isJson: flags.json === true });
  progress.clear();
  if (!flags.json) printStatus(result, null, flags);
}

/** Asks a loop where it is; of an ended one tells its result. @throws as the loop did, or CommandError where nobody answers */
export async function readStatus({ client, loopId, handle, description }: FoundLoop): Promise<LoopStatus> {
  if (description.status.name !== 'RUNNING') return (await handle.result()) as LoopStatus;
  if (!(await isPolled(client, description.taskQueue))) throw notPolled(description.taskQueue);
  const status = await askStatus(handle);
  if (status) return status;
  throw new CommandError(`loop: "${loopId}" does not answer; see worker.log in its worker's data directory`);
}

/** Renders a loop's status for people, with the step under way where there is one. */
export async function statusText(
  client: FoundLoop['client'],
  status: LoopStatus,
  isRunning: boolean,
): Promise<CleanText> {
  return renderStatus(status, nowText(isRunning ? await stepEvent(client, status) : null));
}

function nowText(step: StepEvent | null): string | null {
  return step && wholeStepText(step);
}

/** Prints what the loop has left on the server last, if anything, and returns the error. */
function lastKnown(description: FoundLoop['description'], { json }: StatusFlags, error: unknown): unknown {
  const { status } = memoOf(description);
  if (status) print(json ? toJsonLine(status) : toBlock(`last known:\n${renderStatus(status, null)}`));
  return error;
}

function printStatus(status: LoopStatus, step: StepEvent | null, { json }: StatusFlags): void {
  print(json ? toJsonLine(status) : renderStatus(status, nowText(step)));
}
