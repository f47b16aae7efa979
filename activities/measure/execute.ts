import { randomInt } from 'node:crypto';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { SandboxRequest, SandboxResult } from '../../adapters/sandbox/contract.ts';
import { limitOf } from '../../domain/benchmark/findings.ts';
import type { PrintedTime } from '../../domain/benchmark/printed.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { isClockAsked } from '../../domain/config/plan.ts';
import type { MetricPlace, ReadResult, TextPlace } from '../../domain/verdict/metric.ts';
import { toBlock, toLine } from '../../domain/text.ts';
import { copyProblem, isOfBase } from '../trees/copied-tree.ts';
import type { HeldContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import { search, searchLimit } from '../search/search.ts';
import { baseTree, type MountedTree } from '../trees/runnable-tree.ts';

/** A command and where its number comes from: the benchmark, or a side metric. */
export interface Measurable {
  /** Its field in the config, for messages: "benchmark" or "sideMetrics.heap". */
  field: string;
  command: string;
  /** Prints the number in place of `command`, from what that has printed. */
  reader?: string | undefined;
  /** Absent: the loop's own clock of the command. */
  metric?: MetricPlace;
  /** Absent for a side metric, whose numbers are compared in the base unit of what is printed. */
  unit?: string;
  clock: 'cpu' | 'wall';
  noise: 'measured' | 'exact';
  /** Set where the number is what the edited code's process says, and nothing else tells. */
  isUnseen: boolean;
  /** Place of the computed result in the output. */
  output?: TextPlace;
}

export interface Measurement {
  /** In the metric's unit. */
  metric: number;
  /** The unit that stood behind the number; else null. */
  printedUnit: string | null;
  /** Times of the benchmarks of a harness' suite. */
  members: PrintedTime[];
  cpuMs: number;
  wallMs: number;
  /** The computed result, if `output` asks for it; else null. */
  output: string | null;
  stdout: string;
  quietMs: number | null;
  movedLooks: number;
}

export function theBenchmark({ plan: { config } }: OpenLoop): Measurable {
  const { benchmark } = config;
  const isUnseen = benchmark.metric !== undefined && !benchmark.reader && !isClockAsked(benchmark);
  return { ...benchmark, isUnseen, field: 'benchmark', clock: benchmark.clock === 'wall' ? 'wall' : 'cpu' };
}

/** A side metric is measured by the benchmark's clock where it has no number of its own. */
export function sideMetric(loop: OpenLoop, side: LoopConfig['sideMetrics'][number]): Measurable {
  const isUnseen = side.metric !== undefined && !side.reader;
  return { ...side, isUnseen, field: `sideMetrics.${side.name}`, clock: theBenchmark(loop).clock };
}

export type CommandRequest = Pick<
  SandboxRequest,
  'command' | 'stdin' | 'watchesStdout' | 'tree' | 'workspace' | 'provided' | 'profile' | 'guard' | 'slowed'
> & {
  seconds: number;
  network?: boolean;
  /** Default: the loop's limit. */
  outputKiB?: number;
  /** The command sees it as $BENCH_SEED; null: it sees none. */
  benchSeed: number | null;
  /** Keeps Python from holding back what it prints until it ends. */
  unbuffered?: boolean;
};

/** Draws a seed that no program can know. Tests get such ones too, so that none tells them from a benchmark. */
export function newBenchSeed(): number {
  return randomInt(2 ** 32);
}

/** Runs one command of the loop in the sandbox, with the loop's limits and what it may reach. */
export async function execute(
  { worker, loop, signal, sandbox }: HeldContext,
  { seconds, network = false, benchSeed, outputKiB, unbuffered = false, ...request }: CommandRequest,
): Promise<SandboxResult> {
  const { grants, plan } = loop;
  const { limits } = plan.config;
  const { memoryMiB, processes, scratchMiB } = limits;
  const result = await sandbox.run({
    ...request,
    signal,
    network,
    readOnlyPaths: grants.readOnlyPaths,
    devices: grants.devices,
    environment: {
      ...grantedEnvironment(loop),
      ...(benchSeed !== null && { BENCH_SEED: String(benchSeed) }),
      ...(unbuffered && { PYTHONUNBUFFERED: '1' }),
    },
    tools: worker.settings.tools,
    limits: { seconds, memoryMiB, processes, outputKiB: outputKiB ?? limits.outputKiB, scratchMiB },
  });
  // The base ran, so a build has left a tree that cannot.
  if (result.fault === 'permanent' && request.workspace !== 'writable' && !(await isOfBase(loop, request.tree)))
    return { ...result, status: 'failed', fault: null };
  checkStarted(result, request.guard !== undefined);
  if (result.status !== 'ok' || request.workspace !== 'copy' || result.sandbox === 'none') return result;
  const problem = await copyProblem(loop, request, result.left);
  if (problem === null) return result;
  return { ...result, status: 'failed', exitCode: null, tail: `${problem}\n${result.tail}` };
}

/** Variables of the worker's own that runs get, and what lets git read the sealed repository. */
export function grantedEnvironment({ grants, plan }: Pick<OpenLoop, 'grants' | 'plan'>): Record<string, string> {
  return {
    ...Object.fromEntries(
      grants.environment.flatMap((name) => {
        const value = process.env[name];
        return name === 'BENCH_SEED' || value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(plan.config.git === 'sealed' && gitTrust),
  };
}

/** Lets git read a repository that another user owns, as each run's is. */
const gitTrust = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };

/** Throws where the sandbox itself did not run the command: that never counts against a candidate. */
function checkStarted({ status, fault, tail }: SandboxResult, isGuard: boolean): void {
  if (status === 'cancelled') throw new CancelledFailure('cancelled during a sandboxed run');
  // The output of held-out tests is told to nobody, and neither is their directory.
  if (fault === 'permanent')
    throw refused(
      isGuard ? "sandbox: the guard cannot be run; see its directory in the worker's settings" : toLine(tail, 400),
    );
  const detail = isGuard ? 'the guard' : toLine(tail, 400);
  if (status === 'sandbox-error')
    throw ApplicationFailure.retryable(`sandbox: could not run the command (${detail})`, 'SandboxError');
}

export type MeasureResult = ({ ok: true } & Measurement) | { ok: false; problem: string };

export interface MeasureOptions {
  /** Default: the loop's benchmark. */
  what?: Measurable;
  benchSeed: CommandRequest['benchSeed'];
  /** At half speed. */
  slowed?: boolean;
  unbuffered?: boolean;
}

/** Runs the benchmark once on a tree; returns the measurement, or why there is no metric. */
export async function measure(
  context: HeldContext,
  tree: MountedTree,
  { what = theBenchmark(context.loop), ...options }: MeasureOptions,
): Promise<MeasureResult> {
  const { command, field, clock, metric, output, unit = null } = what;
  const seconds = context.loop.plan.config.limits.benchmarkSeconds * (options.slowed ? 2 : 1);
  const result = await execute(context, { ...tree, ...options, command, seconds, watchesStdout: what.isUnseen });
  if (result.status !== 'ok') return { ok: false, problem: explainRun(field, result) };
  const read = await readAnswer(context, tree, { what, benchSeed: options.benchSeed }, result);
  if (read.status !== 'ok') return { ok: false, problem: explainRun(`${field}.reader`, read) };
  const { wallMs, quietMs, movedLooks } = result;
  const { stdout, tail } = read;
  const cpuMs = result.cpuSource === 'none' ? 0 : result.cpuMs;
  const own = clock === 'wall' || result.cpuSource === 'none' ? wallMs : cpuMs;
  const failed = (problem: string) => ({ ok: false, problem: `${field}: ${problem}` }) as const;
  if (!metric && own <= 0) return failed('took no CPU time that could be counted; use clock "wall", or let it do more');
  const tooLong = failed(
    `the output could not be searched within ${searchLimit}; use a simpler pattern, or print less`,
  );
  const reading = metric
    ? ((await search('metric', stdout, metric, { field: `${field}.metric`, unit, tail })) ?? tooLong)
    : ({ ok: true, value: own, printedUnit: null } as const);
  if (!reading.ok) return reading;
  const computed: ReadResult<string | null> = output
    ? ((await search('text', stdout, output, `${field}.output`)) ?? tooLong)
    : { ok: true, value: null };
  if (!computed.ok) return computed;
  const { value, printedUnit } = reading;
  const members = metric ? ((await search('members', stdout, metric)) ?? []) : [];
  const run = { members, cpuMs, wallMs, quietMs, movedLooks, stdout };
  return { ok: true, metric: value, printedUnit, output: computed.value, ...run };
}

/**
 * Lets a second process read the number out of what the first has printed. It sees the base alone, and so runs no code
 * of a candidate.
 */
async function readAnswer(
  context: HeldContext,
  { provided }: MountedTree,
  { what: { reader }, benchSeed }: { what: Measurable } & Pick<MeasureOptions, 'benchSeed'>,
  answer: SandboxResult,
): Promise<SandboxResult> {
  if (reader === undefined) return answer;
  const lost = 'what the command printed is no UTF-8 text; let it print bytes as base64';
  if (answer.stdout.includes('\ufffd')) return { ...answer, status: 'failed', exitCode: null, tail: lost };
  const { loop } = context;
  const seconds = loop.plan.config.limits.benchmarkSeconds;
  const seen = { tree: await baseTree(loop), provided, workspace: 'readonly' } as const;
  return execute(context, { ...seen, command: reader, stdin: answer.stdout, benchSeed, seconds });
}

/** Words of a run that hit its time limit. */
export const tooLong = 'ran longer than its limit';

/** One line on a run that did not end well, then the end of its output, set in. */
export function explainRun(what: string, { status, exitCode, signal, tail, wallMs }: SandboxResult): string {
  const facts: Record<string, string> = {
    failed: exitCode === null ? 'is not believed' : `ended with exit code ${exitCode}`,
    signal: `was ended by signal ${signal ?? '?'}`,
    timeout: `${tooLong} (${limitOf(what)}, ${Math.round(wallMs / 1000)} s)`,
    oom: 'used more memory than limits.memoryMiB; use less, or raise it',
    pids: 'started more processes than limits.processes; start fewer, or raise it',
    output: 'printed more than limits.outputKiB; print less, or raise it',
    disk: 'wrote more than limits.scratchMiB; write less, or raise it',
  };
  // Set in: other programs' lines must not be taken for the loop's own, which begin with a field.
  return toBlock(`${what}: ${facts[status] ?? status}${tail ? `\n${tail.replace(/^/gm, '  ')}` : ''}`, 4_000);
}
