import type { Command } from 'commander';
import { WorkflowFailedError } from '@temporalio/client';
import type { LoopStatus } from '../../workflows/messages.ts';
import { CommandError } from '../terminal/command-error.ts';
import type { ServerFlags } from '../backend/connection.ts';
import { failureLines } from '../loops/failure-lines.ts';
import { askStatus, follow, stepLine } from '../loops/follow.ts';
import { isPolled, notPolled } from '../loops/loops.ts';
import { createScreen, print } from '../terminal/screen.ts';
import { addServerFlags } from '../backend/server-flags.ts';
import type { LoopMemo } from '../loops/start-loop.ts';
import { renderStatus } from '../terminal/status-text.ts';
import { withLoop, type FoundLoop } from '../loops/with-loop.ts';
import { toJsonLine, type CleanLine } from '../../domain/text.ts';

interface StatusFlags extends ServerFlags {
  follow?: true;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('[id]', 'the loop (default: the only open one)')
    .option('--follow', 'show iterations as they end, until the loop does; Ctrl-C leaves the loop alone')
    .option('--json', 'print the status as JSON');
  addServerFlags(command).action((id: string | undefined, flags: StatusFlags) =>
    withLoop(id, flags, (loop) => show(loop, flags)),
  );
}

async function show(loop: FoundLoop, flags: StatusFlags): Promise<void> {
  const { client, loopId, description } = loop;
  const running = description.status.name === 'RUNNING';
  if (running && !(await isPolled(client, description.taskQueue))) throw notPolled(description.taskQueue);
  const present = running ? await askStatus(loop.handle) : await endOf(loop);
  if (!present)
    throw new CommandError(`loop: "${loopId}" does not answer; see worker.log in its worker's data directory`);
  if (!flags.follow || !running)
    return void printStatus(present, running ? await stepLine(client, present) : null, flags);
  if (!flags.json) printStatus(present, null, flags);
  const { better = null } = (description.memo ?? {}) as Partial<LoopMemo>;
  const screen = createScreen(flags.json ? process.stderr : process.stdout);
  const result = await follow({ client, loopId, screen, better, from: present.last?.iteration ?? 0 }).catch(
    (error: unknown) => fail(error),
  );
  screen.clear();
  printStatus(result, null, flags);
}

/** What an ended loop returned. */
function endOf({ handle }: FoundLoop): Promise<LoopStatus> {
  return (handle.result() as Promise<LoopStatus>).catch((error: unknown) => fail(error));
}

function fail(error: unknown): never {
  throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
}

function printStatus(status: LoopStatus, step: CleanLine | null, { json }: StatusFlags): void {
  print(json ? toJsonLine(status) : renderStatus(status, step));
}
