import { WorkflowUpdateFailedError } from '@temporalio/client';
import { toBlock, type CleanText } from '../../domain/text.ts';
import type { LoopStatus } from '../../workflows/messages.ts';
import { CommandError } from '../terminal/command-error.ts';
import { renderStatus } from '../terminal/status-text.ts';
import { failureLines } from './failure-lines.ts';
import { isOurs, isPolled, notPolled, type FoundLoop } from './loops.ts';

/** Asks a loop by update, which answers; where no worker polls, leaves it the signal of the same name. */
export async function request(
  { client, handle, loopId, description }: FoundLoop,
  verb: 'pause' | 'resume' | 'stop' | 'hint',
  input: { now?: true; text?: string } = {},
): Promise<CleanText> {
  const { status, taskQueue } = description;
  if (status.name !== 'RUNNING')
    throw new CommandError(`loop: "${loopId}" has ended (${status.name.toLowerCase()}); there is nothing to ${verb}`);
  if (!(await isPolled(client, taskQueue))) {
    if (!isOurs(taskQueue)) throw notPolled(taskQueue);
    await handle.signal(verb, input);
    const remedy = `${verb} takes effect when one does ("npx karpathy-loop worker")`;
    return toBlock(`no worker polls queue ${taskQueue}: ${remedy}\n`);
  }
  try {
    return renderStatus(await handle.executeUpdate<LoopStatus, [object]>(verb, { args: [input] }), null);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new CommandError(failureLines(error));
    throw error;
  }
}
