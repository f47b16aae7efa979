import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { workflowTypes } from '../../domain/names.ts';
import type { CheckBackend } from '../backend/check-backend.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { untilAborted } from '../terminal/interrupt.ts';
import { failureLines } from './failure-lines.ts';

/** A cancelled check ends its commands in this time. */
const cancelTimeoutMs = 10_000;

/** Runs a check's workflow to its end; Ctrl-C cancels it. @throws CommandError with one line for each refusal */
export async function runCheck<Result>(
  { client, queue, lost }: CheckBackend,
  type: (typeof workflowTypes)['verify' | 'doctor'],
  { input, about, interrupt }: { input: unknown; about: string; interrupt: AbortSignal },
): Promise<Result> {
  const workflowId = `${type}-${randomBytes(6).toString('hex')}`;
  const handle = await client.workflow.start(type, {
    workflowId,
    taskQueue: queue,
    args: [input],
    staticSummary: about,
  });
  const result = handle.result() as Promise<Result>;
  try {
    const outcome = await Promise.race([result, lost, untilAborted(interrupt)]);
    if (outcome !== null) return outcome;
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
  }
  await handle.cancel();
  await Promise.race([result.catch(() => null), sleep(cancelTimeoutMs, null, { ref: false })]);
  throw new CommandError([], exitCodes.interrupted);
}
