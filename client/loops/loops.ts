import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import type { Command } from 'commander';
import { queueOf, sharedQueue, workflowTypes } from '../../domain/names.ts';
import { toLine, type CleanLine } from '../../domain/text.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { queueHere } from '../backend/worker-process.ts';
import { decodePayload, targetOf, withClient } from '../backend/connection.ts';
import type { ServerFlags } from '../backend/server-flags.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';

export interface FoundLoop {
  client: Client;
  loopId: string;
  handle: WorkflowHandle;
  description: WorkflowExecutionDescription;
}

/** A poll lasts at most 60 s: a worker that polled longer ago is gone. */
const freshPollMs = 90_000;

export function addLoopArgument(command: Command): Command {
  return command.argument('[id]', 'the loop (default: the only open one)');
}

/** Finds the named loop, or the only open one; closes the connection after. */
export async function withLoop<T>(
  id: string | undefined,
  flags: ServerFlags,
  use: (loop: FoundLoop) => Promise<T>,
): Promise<T> {
  return withClient(targetOf(flags), async (client) => use(await findLoop(client, id)));
}

/** Finds the named loop, or the only open one. */
export async function findLoop(client: Client, id: string | undefined): Promise<FoundLoop> {
  const loopId = id ?? (await onlyOpenLoop(client));
  const description = await describeLoop(client, loopId);
  if (!description)
    throw new CommandError(
      `loop: there is no "${loopId}" on this server; "npx karpathy-loop status" names those that are open`,
    );
  if (description.type !== workflowTypes.loop)
    throw new CommandError(`loop: "${loopId}" is a workflow of type ${description.type}; give the id of a loop`);
  return { client, loopId, handle: client.workflow.getHandle(loopId), description };
}

/** Returns null where the server knows no workflow of that id. */
export async function describeLoop(client: Client, loopId: string): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(loopId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Returns what a workflow's running activity says that it does; null where it says nothing. */
export async function saidBy(client: Client, workflowId: string): Promise<CleanLine | null> {
  const [activity] = (await describeLoop(client, workflowId))?.raw.pendingActivities ?? [];
  const [payload] = activity?.heartbeatDetails?.payloads ?? [];
  const said = payload && (await decodePayload(client, payload));
  return typeof said === 'string' ? toLine(said) : null;
}

/** Tells whether a worker polls the queue. */
export async function isPolled(client: Client, queue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
  });
  return pollers.some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < freshPollMs);
}

/**
 * Returns the queue on which a loop begins: any worker can serve a URL; a path only the one on this host.
 * @throws CommandError where none has run on this data directory
 */
export function queueFor(repository: string, { worker, ...flags }: ServerFlags & { worker?: string }): string {
  const data = dataDirectory(flags.data);
  const queue = worker ? queueOf(worker) : isUrl(repository) ? sharedQueue : queueHere(data);
  if (!queue)
    throw new CommandError(`worker: none has run on ${data} yet; start "npx karpathy-loop worker", or give --worker`);
  return queue;
}

/** @throws CommandError where no worker polls the queue */
export async function checkPolled(client: Client, queue: string): Promise<void> {
  if (!(await isPolled(client, queue))) throw notPolled(queue);
}

export function notPolled(queue: string): CommandError {
  const remedy = isOurs(queue)
    ? 'start one with "npx karpathy-loop worker"'
    : `workers poll ${sharedQueue} (any worker) and ${queueOf('<workerId>')}; terminate the loop, and start it with --task-queue ${sharedQueue}`;
  return new CommandError(`worker: no worker polls queue ${queue}; ${remedy}`);
}

/** Tells whether a worker of this product can poll a queue of that name. */
export function isOurs(queue: string): boolean {
  return queue === sharedQueue || queue.startsWith(queueOf(''));
}

/** Returns the ids of open loops, at most 21: of one queue where it is given. */
export async function openLoops(client: Client, queue?: string): Promise<string[]> {
  const open: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: running([workflowTypes.loop], queue) })) {
    open.push(workflowId);
    if (open.length > 20) break;
  }
  return open;
}

/** Tells whether a loop or an adoption is open: of one queue where it is given. */
export async function hasOpenWork(client: Client, queue?: string): Promise<boolean> {
  const { count } = await client.workflow.count(running([workflowTypes.loop, workflowTypes.adoption], queue));
  return count > 0;
}

/** The query for open workflows of these types: of one queue where it is given. */
function running(types: readonly string[], queue: string | undefined): string {
  const onQueue = queue === undefined ? '' : ` AND TaskQueue = "${queue}"`;
  const ofType = types.map((type) => `"${type}"`).join(', ');
  return `WorkflowType IN (${ofType}) AND ExecutionStatus = "Running"${onQueue}`;
}

async function onlyOpenLoop(client: Client): Promise<string> {
  const open = await openLoops(client);
  if (open.length === 0)
    throw new CommandError('loop: none is open; give the id of an ended one, or start one ("npx karpathy-loop run")');
  if (open.length > 1)
    throw new CommandError(`loop: ${open.length} are open; give one of these ids: ${open.join(', ')}`, exitCodes.usage);
  return open[0]!;
}
