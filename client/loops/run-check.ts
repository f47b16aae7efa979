import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { workflowTypes } from '../../domain/names.ts';
import { line, type CleanLine } from '../../domain/text.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { openCheckBackend, type CheckBackend } from '../backend/check-backend.ts';
import type { AllowFlags, ServerFlags } from '../flags.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt, untilAborted } from '../terminal/interrupt.ts';
import { createProgress } from '../terminal/progress.ts';
import { failureLines } from './failure-lines.ts';
import { saidBy } from './loops.ts';
import { writeRunSettings } from './run-settings.ts';

/** A cancelled check ends its commands in this time. */
const cancelTimeoutMs = 10_000;
const pollMs = 1_000;

type CheckType = (typeof workflowTypes)['verify' | 'doctor' | 'pick'];

interface CheckOptions {
  input: unknown;
  /** For the Temporal UI. */
  about: string;
  interrupt: AbortSignal;
  /** Called with what the check does, as it goes on. */
  show: (said: CleanLine) => void;
}

/** Brings up what is missing, runs a check of a repository, with what the command line allows, and ends what it has brought up. */
export async function runCheckHere<Result>(
  type: CheckType,
  { input, about }: { input: { repository: string }; about: CleanLine },
  flags: ServerFlags & AllowFlags & { json?: true },
): Promise<Result> {
  const interrupt = onInterrupt();
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const settings = writeRunSettings(data, input.repository, flags, 'checkSettings');
  const progress = createProgress(flags);
  const backend = await openCheckBackend({ ...flags, data, settings, say: progress.line });
  try {
    if (!backend.startedWorker) progress.line(line`note      the worker that runs already keeps its own settings`);
    progress.step(about);
    return await runCheck<Result>(backend, type, { input, about, interrupt, show: progress.step });
  } finally {
    await backend.close();
    progress.clear();
  }
}

/** Runs a check's workflow to its end; Ctrl-C cancels it. @throws CommandError with one line for each refusal */
export async function runCheck<Result>(
  { client, queue, lost }: CheckBackend,
  type: CheckType,
  { input, about, interrupt, show }: CheckOptions,
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
    const end = Promise.race([result, lost, untilAborted(interrupt)]);
    end.catch(() => undefined);
    let outcome: Result | null | undefined;
    while (outcome === undefined) {
      const said = await saidBy(client, workflowId).catch(() => null);
      if (said !== null) show(said);
      outcome = await Promise.race([end, sleep(pollMs, undefined)]);
    }
    if (outcome !== null) return outcome;
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
  }
  await handle.cancel();
  await Promise.race([result.catch(() => null), sleep(cancelTimeoutMs, null, { ref: false })]);
  throw new CommandError([], exitCodes.interrupted);
}
