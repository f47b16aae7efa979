import { runInNewContext } from 'node:vm';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { SandboxRequest, SandboxResult } from '../../adapters/sandbox/contract.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { readMetric, readText, type MetricPlace, type Reading } from '../../domain/verdict/metric.ts';
import { toBlock, toLine } from '../../domain/text.ts';
import { copyProblem } from '../trees/copied-tree.ts';
import { refused, type OpenLoop, type Resources } from '../loop/resources.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';

/** Longest search in one output, in ms. */
const patternMs = 2_000;

/** A command and where its number comes from: the benchmark, or a side metric. */
export interface Measurable {
  /** Its field in the config, for messages: "benchmark" or "sideMetrics.heap". */
  field: string;
  command: string;
  /** Absent: the loop's own clock of the command. */
  metric?: MetricPlace;
  clock: 'cpu' | 'wall';
  noise: 'measured' | 'exact';
  /** Where the output says what was computed. */
  output?: MetricPlace;
}

export interface Measurement {
  /** In the metric's unit. */
  metric: number;
  cpuMs: number;
  wallMs: number;
  /** What was computed, where `output` asks for it; else null. */
  output: string | null;
}

export function theBenchmark({ plan: { config } }: OpenLoop): Measurable {
  const { command, metric, clock, noise, output } = config.benchmark;
  return {
    field: 'benchmark',
    command,
    clock: clock === 'wall' ? 'wall' : 'cpu',
    noise,
    ...(metric && { metric }),
    ...(output && { output }),
  };
}

/** A side metric is measured by the benchmark's clock where it has no number of its own. */
export function sideMetric(
  { plan: { config } }: OpenLoop,
  { name, command, metric, noise }: LoopConfig['sideMetrics'][number],
): Measurable {
  return {
    field: `sideMetrics.${name}`,
    command,
    clock: config.benchmark.clock === 'wall' ? 'wall' : 'cpu',
    noise,
    ...(metric && { metric }),
  };
}

/** Runs one command of the loop in the sandbox, with the loop's limits and what it may reach. */
export async function execute(
  { sandbox, settings }: Resources,
  loop: OpenLoop,
  request: Pick<
    SandboxRequest,
    'command' | 'tree' | 'workspace' | 'provided' | 'profile' | 'signal' | 'guard' | 'watched'
  > & {
    seconds: number;
    network?: boolean;
    benchSeed?: number;
  },
): Promise<SandboxResult> {
  const { seconds, network = false, benchSeed, ...rest } = request;
  const { memoryMiB, processes, outputKiB, scratchMiB } = loop.plan.config.limits;
  const result = await sandbox.run({
    ...rest,
    network,
    readOnlyPaths: loop.grants.readOnlyPaths,
    devices: loop.grants.devices,
    environment: {
      ...Object.fromEntries(
        loop.grants.environment.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
      ),
      ...(benchSeed !== undefined && { BENCH_SEED: String(benchSeed) }),
    },
    tools: settings.tools,
    limits: { seconds, memoryMiB, processes, outputKiB, scratchMiB },
  });
  if (result.status === 'cancelled') throw new CancelledFailure('cancelled during a sandboxed run');
  // Never counted against the candidate: the sandbox itself did not start.
  // Of held-out tests nothing is said, not even where they lie: the tail of a run that was killed is theirs.
  const detail = rest.guard ? 'the guard' : toLine(result.tail, 400);
  if (result.fault === 'permanent')
    throw refused([
      rest.guard ? "sandbox: the guard cannot be run; see its directory in the worker's settings" : detail,
    ]);
  if (result.status === 'sandbox-error')
    throw ApplicationFailure.retryable(`sandbox: could not run the command (${detail})`, 'SandboxError');
  const problem =
    result.status === 'ok' && rest.workspace === 'copy' && result.sandbox !== 'none'
      ? await copyProblem(loop, rest, result.left)
      : null;
  return problem === null
    ? result
    : { ...result, status: 'failed', exitCode: null, tail: `${problem}\n${result.tail}` };
}

/**
 * One run of the benchmark, or of `what`, on a runnable tree: what it measured, or why it has no metric.
 * @param benchSeed what the command sees as $BENCH_SEED
 * @param profile host directory for profiles
 */
export async function measure(
  resources: Resources,
  loop: OpenLoop,
  runnable: Omit<MountedTree, 'watched'> & { watched?: string[] },
  {
    what = theBenchmark(loop),
    benchSeed,
    signal,
    profile,
  }: { what?: Measurable; benchSeed: number; signal: AbortSignal; profile?: string },
): Promise<({ ok: true } & Measurement) | { ok: false; problem: string }> {
  const { command, field, clock, metric, output } = what;
  const seconds = loop.plan.config.limits.benchmarkSeconds;
  const result = await execute(resources, loop, {
    ...runnable,
    command,
    benchSeed,
    seconds,
    signal,
    ...(profile && { profile }),
  });
  if (result.status !== 'ok') return { ok: false, problem: explainRun(field, result) };
  const { cpuMs, wallMs, stdout } = result;
  const own = clock === 'wall' || result.cpuSource === 'none' ? wallMs : cpuMs;
  if (!metric && own <= 0)
    return {
      ok: false,
      problem: `${field}: took no CPU time that could be counted; use clock "wall", or let it do more`,
    };
  const reading: Reading<number> = metric
    ? inTime(() => readMetric(stdout, metric, `${field}.metric`), field)
    : { ok: true, value: own };
  if (!reading.ok) return reading;
  const computed: Reading<string | null> = output
    ? inTime(() => readText(stdout, output, `${field}.output`), field)
    : { ok: true, value: null };
  if (!computed.ok) return computed;
  return {
    ok: true,
    metric: reading.value,
    cpuMs: result.cpuSource === 'none' ? 0 : cpuMs,
    wallMs,
    output: computed.value,
  };
}

/** A pattern is somebody's and the output a candidate's: together they could keep the whole worker busy for ever. */
function inTime<T>(read: () => Reading<T>, field: string): Reading<T> {
  try {
    return runInNewContext('read()', { read }, { timeout: patternMs }) as Reading<T>;
  } catch {
    return {
      ok: false,
      problem: `${field}: the output could not be searched within ${patternMs} ms; use a simpler pattern, or print less`,
    };
  }
}

/** One line on a run that did not end well, then the end of its output. */
export function explainRun(what: string, { status, exitCode, signal, tail, wallMs }: SandboxResult): string {
  const facts: Record<string, string> = {
    failed: exitCode === null ? 'is not believed' : `ended with exit code ${exitCode}`,
    signal: `was ended by signal ${signal ?? '?'}`,
    timeout: `ran longer than its limit (${Math.round(wallMs / 1000)} s)`,
    oom: 'used more memory than limits.memoryMiB',
    pids: 'started more processes than limits.processes',
    output: 'printed more than limits.outputKiB',
    disk: 'wrote more than limits.scratchMiB',
  };
  return toBlock(`${what}: ${facts[status] ?? status}${tail ? `\n${tail}` : ''}`, 4_000);
}
