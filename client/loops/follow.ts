import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { outcomes } from '../../domain/ledger/record.ts';
import { iterationId } from '../../domain/names.ts';
import type { IterationResult } from '../../domain/steps.ts';
import { toJsonLine } from '../../domain/text.ts';
import { iterationStatusQuery, statusQuery, type LoopResult, type LoopStatus } from '../../workflows/messages.ts';
import { isUnavailable } from '../backend/grpc.ts';
import { untilAborted } from '../terminal/interrupt.ts';
import { drawEvent } from '../terminal/draw-event.ts';
import { print, type Progress } from '../terminal/progress.ts';
import type { IterationEvent, LoopEvent, StepEvent } from './events.ts';
import { saidBy } from './loops.ts';

const pollMs = 1_000;
const answerTimeoutMs = 10_000;
/** A server that does not come back in this time is lost. */
const serverTimeoutMs = 120_000;

export interface EventOptions {
  client: Client;
  loopId: string;
  /** Tells later iterations only. Null: only those that end from now on. */
  from: number | null;
  /** Ends the following, not the loop. */
  signal?: AbortSignal;
}

/** Draws a loop's events until it ends. Rejects as the loop does. @param isJson prints them as lines of JSON too */
export async function follow({
  progress,
  isJson = false,
  ...options
}: EventOptions & { progress: Progress; isJson?: boolean }): Promise<LoopResult> {
  for await (const event of loopEvents(options)) {
    if (isJson) print(toJsonLine(event));
    drawEvent(progress, event);
    if (event.type === 'ended') return event.result;
  }
  throw new Error(`loop: "${options.loopId}" was followed to no end`);
}

/** Follows a loop to its end; null where a person leaves it before. Rejects as the loop does, or with `lost`. */
export async function followOrLeave(
  options: Parameters<typeof follow>[0] & { signal: AbortSignal },
  lost: Promise<never>,
): Promise<LoopResult | null> {
  const following = follow(options);
  following.catch(() => undefined);
  return Promise.race([following, lost, untilAborted(options.signal)]);
}

/** Tells a loop's iterations as they end, and the step under way, until it ends. Throws as the loop does. */
export async function* loopEvents({ client, loopId, from, signal }: EventOptions): AsyncGenerator<LoopEvent, void> {
  const handle = client.workflow.getHandle(loopId);
  let isKnown = false;
  const result = resultOf<LoopResult>(handle, () => isKnown);
  result.catch(() => undefined);
  let told = from ?? (await askStatus(handle))?.last?.iteration ?? 0;
  let [isPrepared, lastStep] = [false, ''];
  for (;;) {
    const end = await Promise.race([result, sleep(pollMs, null)]);
    const status = end ?? (await askStatus(handle));
    signal?.throwIfAborted();
    if (!status) continue;
    isKnown = true;
    const { summary, notes, last } = status;
    if (!isPrepared && (summary !== null || notes.length > 0))
      yield { type: 'prepared', facts: summary?.split('; ') ?? [], notes };
    isPrepared ||= summary !== null || notes.length > 0;
    for (; told < (last?.iteration ?? 0); told++) yield await iterationEvent(client, status, told + 1);
    if (end) return void (yield { type: 'ended', result: end });
    const step = await stepEvent(client, status);
    signal?.throwIfAborted();
    if (step && lastStep !== (lastStep = JSON.stringify(step))) yield step;
  }
}

/** Returns null where the worker does not answer in time: it may be starting again. */
export async function askStatus(handle: WorkflowHandle): Promise<LoopStatus | null> {
  return inTime(handle.query(statusQuery));
}

/** Tells the step under way, or why there is none. Null: an outcome comes next. */
export async function stepEvent(client: Client, status: LoopStatus): Promise<StepEvent | null> {
  const { loopId, iteration, iterations, phase, last } = status;
  const between = {
    type: 'step',
    iteration,
    iterations,
    step: phase,
    title: null,
    repairOf: null,
    hostLost: null,
  } as const;
  if (phase === 'preparing' || phase === 'paused' || iteration === 0 || iteration === last?.iteration)
    return { ...between, doing: phase === 'preparing' ? await inTime(saidBy(client, loopId)) : null };
  const id = iterationId(loopId, iteration);
  const child = await inTime(client.workflow.getHandle(id).query(iterationStatusQuery));
  if (outcomes.some((outcome) => outcome === child?.state)) return null;
  const { state = phase, title = null, repairOf = null, hostLost = null } = child ?? {};
  return { ...between, step: state, title, repairOf, hostLost, doing: await inTime(saidBy(client, id)) };
}

async function iterationEvent(
  client: Client,
  { loopId, iterations, last }: LoopStatus,
  iteration: number,
): Promise<IterationEvent> {
  const ended = client.workflow.getHandle(iterationId(loopId, iteration)).result() as Promise<IterationResult>;
  const result = await ended.catch(() => null);
  const unknown = { outcome: 'failed', reason: 'infrastructure', title: '' } as const;
  const { outcome, reason, title, detail } =
    result ?? (last?.iteration === iteration ? last : { ...unknown, detail: '' });
  const facts = { iteration, iterations, outcome, reason, title };
  const { measured = null, screened } = result ?? {};
  return { type: 'iteration', ...facts, detail: detail ?? null, measured, ...(screened && { screened }) };
}

/**
 * Returns a workflow's result; waits for a server that is started again.
 * @param isKnown tells that the workflow was seen: who does not know it then is another server at the same address
 */
export async function resultOf<Result>(handle: WorkflowHandle, isKnown = () => false): Promise<Result> {
  for (let lostAt: number | null = null; ;) {
    const asked = Date.now();
    try {
      return (await handle.result()) as Result;
    } catch (error) {
      const isElsewhere = error instanceof WorkflowNotFoundError && isKnown();
      if (!isUnavailable(error) && !isElsewhere) throw error;
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
