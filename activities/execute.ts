import { runInNewContext } from 'node:vm';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { SandboxRequest, SandboxResult } from '../adapters/sandbox/run.ts';
import { readMetric, type MetricReading } from '../domain/metric.ts';
import { clean, oneLine } from '../domain/text.ts';
import { refused, type OpenLoop, type Resources } from './resources.ts';
import type { Runnable } from './runnable.ts';

/** Longest search for the metric in one output, in ms. */
const patternMs = 2_000;

export interface Measurement {
  /** In the benchmark's unit. */
  metric: number;
  cpuMs: number;
  wallMs: number;
}

/** Runs one command of the loop in the sandbox, with the loop's limits and what it may reach. */
export async function execute(
  { sandbox, settings }: Resources,
  loop: OpenLoop,
  request: Pick<SandboxRequest, 'command' | 'tree' | 'workspace' | 'provided' | 'profile' | 'signal'> & { seconds: number; network?: boolean },
): Promise<SandboxResult> {
  const { seconds, network = false, ...rest } = request;
  const { memoryMiB, processes, outputKiB, scratchMiB } = loop.plan.config.limits;
  const result = await sandbox.run({
    ...rest,
    network,
    readOnlyPaths: loop.admission.readOnlyPaths,
    devices: loop.admission.devices,
    environment: Object.fromEntries(loop.admission.environment.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
    tools: settings.tools,
    limits: { seconds, memoryMiB, processes, outputKiB, scratchMiB },
  });
  if (result.status === 'cancelled') throw new CancelledFailure('cancelled during a sandboxed run');
  // Never counted against the candidate: the sandbox itself did not start.
  if (result.fault === 'lasting') throw refused([oneLine(result.tail, 400)]);
  if (result.status === 'sandbox-error')
    throw ApplicationFailure.retryable(`sandbox: could not run the command (${oneLine(result.tail, 400)})`, 'SandboxError');
  return result;
}

/** One run of the benchmark on a runnable tree: what it measured, or why it has no metric. */
export async function measure(
  resources: Resources,
  loop: OpenLoop,
  runnable: Runnable,
  signal: AbortSignal,
  profile?: string,
): Promise<({ ok: true } & Measurement) | { ok: false; problem: string }> {
  const { benchmark, limits, workspace } = loop.plan.config;
  const result = await execute(resources, loop, {
    ...runnable,
    command: benchmark.command,
    workspace,
    seconds: limits.benchmarkSeconds,
    signal,
    ...(profile ? { profile } : {}),
  });
  if (result.status !== 'ok') return { ok: false, problem: explainRun('benchmark', result) };
  const { cpuMs, wallMs } = result;
  const own = benchmark.clock === 'wall' || result.cpuSource === 'none' ? wallMs : cpuMs;
  const { metric } = benchmark;
  const reading: MetricReading = metric ? inTime(() => readMetric(result.stdout, metric)) : { ok: true, value: own };
  return reading.ok ? { ok: true, metric: reading.value, cpuMs, wallMs } : { ok: false, problem: reading.problem };
}

/** A pattern is somebody's and the output a candidate's: together they could keep the whole worker busy for ever. */
function inTime(read: () => MetricReading): MetricReading {
  try {
    return runInNewContext('read()', { read }, { timeout: patternMs }) as MetricReading;
  } catch {
    return { ok: false, problem: `benchmark.metric: the output could not be searched within ${patternMs} ms; use a simpler pattern, or print less` };
  }
}

/** One line on a run that did not end well, then the end of its output. */
export function explainRun(what: string, { status, exitCode, signal, tail, wallMs }: SandboxResult): string {
  const facts: Record<string, string> = {
    failed: `ended with exit code ${exitCode ?? '?'}`,
    signal: `was ended by signal ${signal ?? '?'}`,
    timeout: `ran longer than its limit (${Math.round(wallMs / 1000)} s)`,
    oom: 'used more memory than limits.memoryMiB',
    pids: 'started more processes than limits.processes',
    output: 'printed more than limits.outputKiB',
  };
  return clean(`${what}: ${facts[status] ?? status}${tail ? `\n${tail}` : ''}`, 4_000);
}
