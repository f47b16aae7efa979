import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { workflowTypes } from '../../domain/names.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import type { LoopStatus } from '../../workflows/messages.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { readLedgerOf } from './ledgers.ts';
import type { LoopInput } from './loop-file.ts';
import { configDigest, loopIdOf, nextId } from './loop-id.ts';
import { checkPolled, describeLoop } from './loops.ts';

/** Facts beside the workflow, for commands that have only its id. */
interface LoopMemo {
  repository: string;
  /** Digest of the config, so that a loop is never continued under another one. */
  config: string;
  /** What the loop itself has left there last. */
  status: LoopStatus;
}

export interface OpenedLoop {
  loopId: string;
  runId: string | null;
  /** It was open already. */
  continued: boolean;
  /** The loop of the same config that ended before it. */
  after: string | null;
}

/** Starts the loop on a queue, or finds it open. An ended loop keeps its id: the next free one is taken. */
export async function startOrContinue(
  client: Client,
  queue: string,
  loop: LoopInput,
  id = loopIdOf(loop.config),
): Promise<OpenedLoop> {
  for (let turn = 1; ; turn++) {
    const loopId = nextId(id, turn);
    const found = await describeLoop(client, loopId);
    const after = turn > 1 ? nextId(id, turn - 1) : null;
    if (found?.status.name === 'RUNNING') return { ...(await continueLoop(client, found, loop.config)), after };
    if (await hasEnded(client, found, [loopId, nextId(id, turn + 1)], loop.config)) continue;
    const runId = await start(client, queue, loopId, loop);
    if (runId !== null) return { loopId, runId, continued: false, after };
    turn--;
  }
}

async function continueLoop(
  client: Client,
  found: WorkflowExecutionDescription,
  config: LoopConfig,
): Promise<Omit<OpenedLoop, 'after'>> {
  const loopId = found.workflowId;
  if (found.type !== workflowTypes.loop)
    throw new CommandError(`loop id: "${loopId}" is an open workflow of type ${found.type}; give another --id`);
  const begunWith = memoOf(found).config;
  if (begunWith !== undefined && begunWith !== configDigest(config))
    throw new CommandError(
      `loop id: "${loopId}" is open with another configuration; type "npx karpathy-loop stop ${loopId}", or give another --id`,
    );
  await checkPolled(client, found.taskQueue);
  return { loopId, runId: found.runId, continued: true };
}

/** A failed or forgotten loop goes on under its id, unless its ledger is full or a later loop has its config. */
async function hasEnded(
  client: Client,
  found: WorkflowExecutionDescription | null,
  [loopId, next]: [string, string],
  config: LoopConfig,
): Promise<boolean> {
  if (found !== null && found.status.name !== 'FAILED') return true;
  const ledger = await readLedgerOf(config.repository, loopId);
  if (found === null && (ledger?.records.length ?? 0) >= config.iterations) return true;
  const digest = configDigest(config);
  if (memoOf(await describeLoop(client, next)).config === digest) return true;
  const begun = parseLoopConfig((await readLedgerOf(config.repository, next))?.plan?.config);
  return begun.ok && configDigest(begun.value) === digest;
}

/** Returns the run's id; null where somebody else was faster. */
async function start(
  client: Client,
  taskQueue: string,
  workflowId: string,
  { written, config }: LoopInput,
): Promise<string | null> {
  const { repository, benchmark, iterations } = config;
  const memo: Omit<LoopMemo, 'status'> = { repository, config: configDigest(config) };
  const goal = `Improve ${benchmark.unit} of ${repository} (${benchmark.better} is better)`;
  try {
    const handle = await client.workflow.start(workflowTypes.loop, {
      args: [written],
      taskQueue,
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      memo: { ...memo },
      staticSummary: `${goal}, ${iterations} iterations`,
    });
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** Empty for a loop that was started without this command line. */
export function memoOf(description: WorkflowExecutionDescription | null): Partial<LoopMemo> {
  return description?.memo ?? {};
}

/** Refuses what cannot be part of ref names and file names. */
export function checkId(id: string | undefined): void {
  if (id !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id))
    throw new CommandError(`--id: "${id}" is not a plain name; use letters, digits, ".", "_" and "-"`, exitCodes.usage);
}
