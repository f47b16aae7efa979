import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { workflowTypes } from '../../domain/names.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../domain/config/parse-loop-config.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { readLedgerOf } from './ledgers.ts';
import type { LoopInput } from './loop-file.ts';
import { configDigest, loopIdOf, nextId } from './loop-id.ts';
import { describeLoop, isPolled, notPolled } from './loops.ts';

/** Kept beside the workflow, for the commands that have only its id. */
export interface LoopMemo {
  repository: string;
  better: 'lower' | 'higher';
  /** Digest of the config, so that a loop is never continued under another one. */
  config: string;
}

export interface OpenedLoop {
  loopId: string;
  runId: string | null;
  /** Whether it was open already. */
  continued: boolean;
  /** The loop of the same config that ended before it, if one has. */
  after: string | null;
}

/** Starts the loop on a queue, or finds it open. The id of a loop that has ended is not used again: the next free one is taken. */
export async function startOrContinue(
  client: Client,
  queue: string,
  { written, config }: LoopInput,
  id?: string,
): Promise<OpenedLoop> {
  const memo: LoopMemo = {
    repository: config.repository,
    better: config.benchmark.better,
    config: configDigest(config),
  };
  const first = id ?? loopIdOf(config);
  for (let turn = 1; ; turn++) {
    const loopId = nextId(first, turn);
    const found = await describeLoop(client, loopId);
    const after = turn > 1 ? nextId(first, turn - 1) : null;
    if (found?.status.name === 'RUNNING') return { ...(await continueLoop(client, found, memo)), after };
    if (await hasEnded(client, found, [loopId, nextId(first, turn + 1)], config)) continue;
    const runId = await start(client, loopId, queue, written, config, memo);
    if (runId !== null) return { loopId, runId, continued: false, after };
    turn--;
  }
}

async function continueLoop(
  client: Client,
  found: WorkflowExecutionDescription,
  { config }: LoopMemo,
): Promise<Omit<OpenedLoop, 'after'>> {
  const loopId = found.workflowId;
  if (found.type !== workflowTypes.loop)
    throw new CommandError(`loop id: "${loopId}" is an open workflow of type ${found.type}; give another --id`);
  const begunWith = (found.memo as Partial<LoopMemo> | undefined)?.config;
  if (begunWith !== undefined && begunWith !== config) {
    throw new CommandError(
      `loop id: "${loopId}" is open with another configuration; stop it ("npx karpathy-loop stop ${loopId}") or give another --id`,
    );
  }
  if (!(await isPolled(client, found.taskQueue))) throw notPolled(found.taskQueue);
  return { loopId, runId: found.runId, continued: true };
}

/**
 * A loop that failed never came to its end; one that the server has forgotten has ended when its ledger is full. Neither goes on once the next one of
 * its config has begun.
 */
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
  if (((await describeLoop(client, next))?.memo as Partial<LoopMemo> | undefined)?.config === digest) return true;
  const begun = parseLoopConfig((await readLedgerOf(config.repository, next))?.plan?.config);
  return begun.ok && configDigest(begun.value) === digest;
}

/** Null where somebody else was faster. */
async function start(
  client: Client,
  loopId: string,
  queue: string,
  written: LoopInput['written'],
  config: LoopConfig,
  memo: LoopMemo,
): Promise<string | null> {
  try {
    const handle = await client.workflow.start(workflowTypes.loop, {
      args: [written],
      taskQueue: queue,
      workflowId: loopId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      memo: { ...memo },
      staticSummary: `Improve ${config.benchmark.unit} of ${config.repository} (${config.benchmark.better} is better), ${config.iterations} iterations`,
    });
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** A loop's id is part of ref names and of file names. */
export function checkId(id: string | undefined): void {
  if (id !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) {
    throw new CommandError(`--id: "${id}" is not a plain name; use letters, digits, ".", "_" and "-"`, exitCodes.usage);
  }
}
