import { WorkflowFailedError } from '@temporalio/client';
import type { Command } from 'commander';
import { toJsonLine } from '../../domain/text.ts';
import type { LoopStatus } from '../../workflows/messages.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { failureLines } from '../loops/failure-lines.ts';
import { askStatus, follow, stepLine } from '../loops/follow.ts';
import { addLoopArgument, isPolled, notPolled, withLoop, type FoundLoop } from '../loops/loops.ts';
import { CommandError } from '../terminal/command-error.ts';
import { createProgress, print } from '../terminal/progress.ts';
import { renderStatus } from '../terminal/status-text.ts';

interface StatusFlags extends ServerFlags {
  follow?: true;
  json?: true;
}

export function define(command: Command): void {
  addLoopArgument(command)
    .option('--follow', 'show iterations as they end, until the loop does; Ctrl-C leaves the loop alone')
    .option('--json', 'print the status as JSON');
  addServerFlags(command).action((id: string | undefined, flags: StatusFlags) =>
    withLoop(id, flags, (loop) => showStatus(loop, flags)).catch((error: unknown) => {
      throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
    }),
  );
}

async function showStatus(loop: FoundLoop, flags: StatusFlags): Promise<void> {
  const { client, loopId, handle, description } = loop;
  const isRunning = description.status.name === 'RUNNING';
  if (isRunning && !(await isPolled(client, description.taskQueue))) throw notPolled(description.taskQueue);
  const status = isRunning ? await askStatus(handle) : ((await handle.result()) as LoopStatus);
  if (!status)
    throw new CommandError(`loop: "${loopId}" does not answer; see worker.log in its worker's data directory`);
  if (!flags.follow || !isRunning)
    return void printStatus(status, isRunning ? await stepLine(client, status) : null, flags);
  if (!flags.json) printStatus(status, null, flags);
  const progress = createProgress(flags.json);
  const from = status.last?.iteration ?? 0;
  const result = await follow({ client, loopId, progress, from });
  progress.clear();
  printStatus(result, null, flags);
}

function printStatus(status: LoopStatus, step: string | null, { json }: StatusFlags): void {
  print(json ? toJsonLine(status) : renderStatus(status, step));
}
