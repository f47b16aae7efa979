import { openSync, renameSync, statSync, writeSync } from 'node:fs';
import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import { parseIterationId, workflowTypes } from '../domain/names.ts';
import { toLoopId } from '../domain/loop-id.ts';
import { metricBuckets } from '../activities/metrics.ts';

/** Most that is kept for a log whose disk is full, in bytes. */
const maxBacklogBytes = 2 ** 20;
/** Size above which a worker that starts begins a new log, in bytes; the one before is kept beside it. */
const maxLogBytes = 64 * 2 ** 20;
const shutdownSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

interface Observation {
  /** Log file: one JSON object a line. */
  file: string;
  /** Address that serves metrics for Prometheus ("host:port"), if any. */
  metrics?: string;
}

/**
 * Sends the logs of the SDK, workflows and activities to a file, and serves metrics. Call it first.
 * @throws Error where the address for metrics cannot be had
 */
export function observe({ file, metrics }: Observation): void {
  turnOver(file);
  const append = appender(file);
  const logger = new DefaultLogger('INFO', (entry) => append(`${toLine(entry)}\n`));
  const prometheus = metrics !== undefined && {
    bindAddress: metrics,
    countersTotalSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: metricBuckets,
  };
  try {
    Runtime.install({
      logger,
      shutdownSignals: [...shutdownSignals],
      ...(prometheus && { telemetryOptions: { metrics: { prometheus } } }),
    });
  } catch (error) {
    if (metrics === undefined) throw error;
    const fact = `cannot serve at "${metrics}" (${(error as Error).message})`;
    throw new Error(`--metrics: ${fact}; give a free host:port of this machine`);
  }
  surviveFirstSignal();
}

/** Keeps a listener until the first signal is dealt with: execa's would kill a process that has no other. */
function surviveFirstSignal(): void {
  const leave = () => setImmediate(() => shutdownSignals.forEach((signal) => process.off(signal, leave)));
  for (const signal of shutdownSignals) process.on(signal, leave);
}

/** Writes a line of the worker's own, once it is observed. */
export function logLine(message: string, facts: Record<string, unknown> = {}): void {
  Runtime.instance().logger.info(message, facts);
}

/** A line of whatever part of a loop names the loop, and its iteration if there is one. */
function toLine({ level, timestampNanos, message, meta = {} }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  return JSON.stringify({ time, level, message, ...idsOf(meta), ...meta }, plain);
}

/** Appends text to a file; while its disk is full, the text waits. */
function appender(file: string): (text: string) => void {
  const descriptor = openSync(file, 'a');
  let backlog = Buffer.alloc(0);
  return (text) => {
    if (backlog.length < maxBacklogBytes) backlog = Buffer.concat([backlog, Buffer.from(text)]);
    try {
      while (backlog.length > 0) backlog = backlog.subarray(writeSync(descriptor, backlog));
    } catch {
      // The next line tries again.
    }
  };
}

function idsOf({ workflowId, workflowType }: Record<string, unknown>): { loopId?: string; iteration?: number } {
  if (typeof workflowId !== 'string') return {};
  if (workflowType === workflowTypes.loop) return { loopId: toLoopId(workflowId) };
  return (workflowType === workflowTypes.iteration && parseIterationId(workflowId)) || {};
}

/** Errors are empty objects to JSON, and big integers none at all. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause !== undefined && { cause }) };
}

function turnOver(file: string): void {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (facts && facts.size > maxLogBytes) renameSync(file, `${file}.1`);
}
