import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { LoopStatus } from '../../workflows/messages.ts';
import { CommandError } from '../terminal/command-error.ts';
import { failureLines } from './failure-lines.ts';
import { isPolled } from './loops.ts';
import { renderStatus } from '../terminal/status-text.ts';
import type { FoundLoop } from './with-loop.ts';
import { toBlock, type CleanText } from '../../domain/text.ts';

/**
 * Asks a loop by update, which answers; where no worker would answer, leaves it the signal of the same name.
 * @returns what to tell the person
 */
export async function request(
  { client, handle, loopId, description }: FoundLoop,
  name: 'pause' | 'resume' | 'stop',
  input?: { now: boolean },
): Promise<CleanText> {
  const { status, taskQueue } = description;
  if (status.name !== 'RUNNING')
    throw new CommandError(`loop: "${loopId}" has ended (${status.name.toLowerCase()}); there is nothing to ${name}`);
  if (!(await isPolled(client, taskQueue))) {
    await (input ? handle.signal(name, input) : handle.signal(name));
    return toBlock(
      `no worker polls queue ${taskQueue}: ${name} takes effect when one does ("npx karpathy-loop worker")\n`,
    );
  }
  try {
    return renderStatus(
      await (input
        ? handle.executeUpdate<LoopStatus, [unknown]>(name, { args: [input] })
        : handle.executeUpdate<LoopStatus, []>(name)),
      null,
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new CommandError(failureLines(error));
    throw error;
  }
}
