import { WorkflowFailedError, type Client } from '@temporalio/client';
import { CommandError } from '../terminal/command-error.ts';
import { decodePayload } from '../backend/connection.ts';
import type { ServerFlags } from '../backend/server-flags.ts';
import { failureLines, isRefusal } from './failure-lines.ts';
import { withLoop, type FoundLoop } from './loops.ts';
import { memoOf } from './start-loop.ts';

/** Asks the server for a loop's repository. @throws CommandError with the reason where the loop was refused */
export async function whereIs(loopId: string, flags: ServerFlags): Promise<string> {
  return withLoop(loopId, flags, repositoryOf);
}

/** @throws CommandError with the reason where the loop was refused, and where the server knows no repository of it */
export async function repositoryOf({ client, loopId, handle, description }: FoundLoop): Promise<string> {
  if (description.status.name === 'FAILED') {
    await handle.result().catch((error: unknown) => {
      if (error instanceof WorkflowFailedError && isRefusal(error))
        throw new CommandError([`loop: "${loopId}" was refused before its first iteration`, ...failureLines(error)]);
    });
  }
  const { repository = await repositoryAsGiven(client, loopId) } = memoOf(description);
  if (!repository)
    throw new CommandError(`report: the server knows no repository of "${loopId}"; give it with --repository`);
  return repository;
}

/** Reads it from the first event of a loop that was started without this command line. */
async function repositoryAsGiven(client: Client, workflowId: string): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  try {
    const { repository } = (payload && (await decodePayload(client, payload))) as { repository?: unknown };
    return typeof repository === 'string' ? repository : undefined;
  } catch {
    return undefined;
  }
}
