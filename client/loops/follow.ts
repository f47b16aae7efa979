import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { iterationId } from '../../domain/names.ts';
import { gain } from '../../domain/verdict/gain.ts';
import type { IterationResult } from '../../domain/steps.ts';
import { toLine, line, type CleanLine } from '../../domain/text.ts';
import { iterationStatusQuery, statusQuery, type LoopResult, type LoopStatus } from '../../workflows/messages.ts';
import { isUnavailable } from './failure-lines.ts';
import type { Screen } from '../terminal/screen.ts';
import { place, renderStep } from '../terminal/status-text.ts';

const pollMs = 1_000;
const patienceMs = 10_000;
/** A server that does not come back within this time is taken for lost. */
const serverPatienceMs = 120_000;

export interface Followed {
  client: Client;
  loopId: string;
  screen: Screen;
  /** The metric's direction, for the gain in words; null where it is not known. */
  better: 'lower' | 'higher' | null;
  /** Iterations up to here were shown before. Null: those that have ended when the following begins are passed over. */
  from: number | null;
  /** Ends the following, not the loop. */
  signal?: AbortSignal;
}

/** Shows a loop's iterations as they end, and the step under way, until it ends. Rejects as the loop does. */
export async function follow({ client, loopId, screen, better, from, signal }: Followed): Promise<LoopResult> {
  const handle = client.workflow.getHandle(loopId);
  const result = resultOf(handle);
  result.catch(() => undefined);
  let shown = from ?? (await askStatus(handle))?.last?.iteration ?? 0;
  let summarized = false;
  for (;;) {
    const end = await Promise.race([result, sleep(pollMs, null)]);
    const status = end ?? (await askStatus(handle));
    signal?.throwIfAborted();
    if (!status) continue;
    if (!summarized) status.summary?.split('; ').forEach((fact) => screen.line(line`  ${fact}`));
    summarized ||= status.summary !== null;
    for (; shown < (status.last?.iteration ?? 0); shown++)
      screen.line(await iterationLine(client, status, shown + 1, better));
    if (end) return end;
    const step = await stepLine(client, status);
    signal?.throwIfAborted();
    screen.step(step);
  }
}

/** Null where the worker does not answer in time: it may be starting again. */
export async function askStatus(handle: WorkflowHandle): Promise<LoopStatus | null> {
  return patiently(handle.query(statusQuery));
}

/** "3/8  benchmark: Set BLOCK to 64": the step under way, or why there is none. */
export async function stepLine(client: Client, status: LoopStatus): Promise<CleanLine> {
  const { loopId, iteration, phase, last } = status;
  if (phase === 'preparing' || phase === 'paused' || iteration === 0 || iteration === last?.iteration)
    return toLine(betweenIterations[phase] ?? phase);
  const child = await patiently(client.workflow.getHandle(iterationId(loopId, iteration)).query(iterationStatusQuery));
  return renderStep(status, child);
}

const betweenIterations: Partial<Record<LoopStatus['phase'], string>> = {
  preparing: 'preparing: base, setup, tests, one benchmark',
  stopping: 'stopping: base against champion, measured afresh',
};

/** "3/8  committed: 12.3 % better, Set BLOCK to 64". */
async function iterationLine(
  client: Client,
  { loopId, iterations, last }: LoopStatus,
  iteration: number,
  better: Followed['better'],
): Promise<CleanLine> {
  const result = await (
    client.workflow.getHandle(iterationId(loopId, iteration)).result() as Promise<IterationResult>
  ).catch(() => null);
  const { outcome, reason, title } =
    result ?? (last?.iteration === iteration ? last : { outcome: 'failed', reason: 'infrastructure', title: '' });
  const ratio = result?.reportedRatio ?? null;
  const measured = ratio === null ? reason : better ? gain(ratio, better) : `ratio ${ratio.toFixed(3)}`;
  return line`${place(iteration, iterations)}  ${outcome}${measured ? `: ${measured}` : ''}${title ? `, ${toLine(title, 100)}` : ''}`;
}

/** The loop's result; a server that is started again meanwhile is waited for. */
async function resultOf(handle: WorkflowHandle): Promise<LoopResult> {
  for (let lostAt: number | null = null; ;) {
    const asked = Date.now();
    try {
      return (await handle.result()) as LoopResult;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      // A poll that lasted shows that the server was there in between.
      if (lostAt === null || Date.now() - asked > serverPatienceMs) lostAt = Date.now();
      if (Date.now() - lostAt > serverPatienceMs) throw error;
      await sleep(pollMs);
    }
  }
}

async function patiently<T>(answer: Promise<T>): Promise<T | null> {
  return Promise.race([answer.catch(() => null), sleep(patienceMs, null, { ref: false })]);
}
