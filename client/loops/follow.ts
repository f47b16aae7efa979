import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { outcomes } from '../../domain/ledger/record.ts';
import { screenedText } from '../../domain/ledger/screened.ts';
import { iterationId } from '../../domain/names.ts';
import type { IterationResult } from '../../domain/steps.ts';
import { line, toLine, type CleanLine } from '../../domain/text.ts';
import { iterationStatusQuery, statusQuery, type LoopResult, type LoopStatus } from '../../workflows/messages.ts';
import { isUnavailable } from '../backend/grpc.ts';
import type { Progress } from '../terminal/progress.ts';
import { place, renderStep } from '../terminal/status-text.ts';
import { saidBy } from './loops.ts';

const pollMs = 1_000;
const answerTimeoutMs = 10_000;
/** A server that does not come back in this time is lost. */
const serverTimeoutMs = 120_000;

interface FollowOptions {
  client: Client;
  loopId: string;
  progress: Progress;
  /** Shows later iterations only. Null: only those that end from now on. */
  from: number | null;
  /** Ends the following, not the loop. */
  signal?: AbortSignal;
}

/** Shows a loop's iterations as they end, and the step under way, until it ends. Rejects as the loop does. */
export async function follow({ client, loopId, progress, from, signal }: FollowOptions): Promise<LoopResult> {
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
    if (!summarized) {
      status.summary?.split('; ').forEach((fact) => progress.line(line`  ${fact}`));
      status.notes.forEach((note) => progress.line(line`note      ${note}`));
    }
    summarized ||= status.summary !== null;
    for (; shown < (status.last?.iteration ?? 0); shown++)
      progress.line(await iterationLine(client, status, shown + 1));
    if (end) return end;
    const step = await stepLine(client, status);
    signal?.throwIfAborted();
    if (step) progress.step(step);
  }
}

/** Returns null where the worker does not answer in time: it may be starting again. */
export async function askStatus(handle: WorkflowHandle): Promise<LoopStatus | null> {
  return inTime(handle.query(statusQuery));
}

/** Tells the step under way, or why there is none: "3/8  benchmark: Set BLOCK to 64". Null: an outcome comes next. */
export async function stepLine(client: Client, status: LoopStatus): Promise<CleanLine | null> {
  const { loopId, iteration, phase, last } = status;
  if (phase === 'preparing' || phase === 'paused' || iteration === 0 || iteration === last?.iteration)
    return betweenIterations(phase, phase === 'preparing' ? await inTime(saidBy(client, loopId)) : null);
  const child = await inTime(client.workflow.getHandle(iterationId(loopId, iteration)).query(iterationStatusQuery));
  return outcomes.some((outcome) => outcome === child?.state) ? null : renderStep(status, child);
}

function betweenIterations(phase: LoopStatus['phase'], said: CleanLine | null): CleanLine {
  if (phase === 'preparing') return line`preparing: ${said ?? 'base, setup, tests, benchmark'}`;
  return phase === 'stopping' ? line`stopping: base against champion, measured afresh` : toLine(phase);
}

/** Tells how an iteration ended: "3/8  committed: 12.3 % better (95 % …, 8 pairs), Set BLOCK to 64". */
async function iterationLine(
  client: Client,
  { loopId, iterations, last }: LoopStatus,
  iteration: number,
): Promise<CleanLine> {
  const ended = client.workflow.getHandle(iterationId(loopId, iteration)).result() as Promise<IterationResult>;
  const result = await ended.catch(() => null);
  const unknown = { outcome: 'failed', reason: 'infrastructure', title: '', detail: '' } as const;
  const { outcome, reason, title, detail = '' } = result ?? (last?.iteration === iteration ? last : unknown);
  // The class alone of a failure tells nobody what to do.
  const cause = outcome === 'failed' && detail ? `: ${toLine(detail, 200)}` : '';
  const told = [reason && `${reason}${cause}`, result?.measured].filter(Boolean).join(', ');
  const screened = result?.screened ? `; without a verdict ${screenedText(result.screened)}` : '';
  const facts = `${outcome}${told ? `: ${told}` : ''}${title ? `, ${toLine(title, 100)}` : ''}${screened}`;
  return line`${place(iteration, iterations)}  ${facts}`;
}

/** Returns the loop's result; waits for a server that is started again. */
async function resultOf(handle: WorkflowHandle): Promise<LoopResult> {
  for (let lostAt: number | null = null; ;) {
    const asked = Date.now();
    try {
      return (await handle.result()) as LoopResult;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      // A long poll shows that the server was there in between.
      if (lostAt === null || Date.now() - asked > serverTimeoutMs) lostAt = Date.now();
      if (Date.now() - lostAt > serverTimeoutMs) throw error;
      await sleep(pollMs);
    }
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T | null> {
  return Promise.race([answer.catch(() => null), sleep(answerTimeoutMs, null, { ref: false })]);
}
