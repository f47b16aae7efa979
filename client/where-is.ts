import { WorkflowFailedError } from '@temporalio/client';
import { CommandError } from './command-error.ts';
import type { ServerFlags } from './connection.ts';
import { failureLines, isRefusal } from './failure-lines.ts';
import type { LoopMemo } from './start-loop.ts';
import { withLoop } from './with-loop.ts';

/** The repository of a loop that only the server knows. A refused loop has none to show: its reason is told instead. */
export async function whereIs(loopId: string, flags: ServerFlags): Promise<string> {
  return withLoop(loopId, flags, async ({ handle, description }) => {
    if (description.status.name === 'FAILED') {
      await handle.result().catch((error: unknown) => {
        if (error instanceof WorkflowFailedError && isRefusal(error))
          throw new CommandError([`loop: "${loopId}" was refused before its first iteration`, ...failureLines(error)]);
      });
    }
    const { repository } = (description.memo ?? {}) as Partial<LoopMemo>;
    if (!repository) throw new CommandError(`report: the server does not know the repository of "${loopId}"; give it with --repository`);
    return repository;
  });
}
