import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { workflowTypes } from '../../domain/names.ts';
import type { CheckBackend } from '../backend/check-backend.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { failureLines } from './failure-lines.ts';

/** How long a cancelled check may take to let go of what it runs. */
const cancelSeconds = 10;

/** Runs one of the small workflows to its end; Ctrl-C cancels it. What it refuses is told line by line. */
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
  const interrupted = new Promise<null>((resolve) => {
    if (interrupt.aborted) resolve(null);
    interrupt.addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    const outcome = await Promise.race([result, lost, interrupted]);
    if (outcome !== null) return outcome;
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
  }
  await handle.cancel();
  await Promise.race([result.catch(() => null), sleep(cancelSeconds * 1000, null, { ref: false })]);
  throw new CommandError([], exitCodes.interrupted);
}
