import { WorkflowFailedError, type Client } from '@temporalio/client';
import { CommandError } from '../terminal/command-error.ts';
import type { ServerFlags } from '../backend/connection.ts';
import { failureLines, isRefusal } from './failure-lines.ts';
import type { LoopMemo } from './start-loop.ts';
import { withLoop } from './with-loop.ts';

/** The repository of a loop that only the server knows. A refused loop has none to show: its reason is told instead. */
export async function whereIs(loopId: string, flags: ServerFlags): Promise<string> {
  return withLoop(loopId, flags, async ({ client, handle, description }) => {
    if (description.status.name === 'FAILED') {
      await handle.result().catch((error: unknown) => {
        if (error instanceof WorkflowFailedError && isRefusal(error))
          throw new CommandError([`loop: "${loopId}" was refused before its first iteration`, ...failureLines(error)]);
      });
    }
    const { repository = await repositoryAsGiven(client, loopId) } = (description.memo ?? {}) as Partial<LoopMemo>;
    if (!repository)
      throw new CommandError(
        `report: the server does not know the repository of "${loopId}"; give it with --repository`,
      );
    return repository;
  });
}

/** A loop that was started by hand has its config in the first event of its history. */
async function repositoryAsGiven(client: Client, workflowId: string): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  try {
    const { repository } = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as { repository?: unknown };
    return typeof repository === 'string' ? repository : undefined;
  } catch {
    return undefined;
  }
}
