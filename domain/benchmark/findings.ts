import type { Finding } from '../checks.ts';
import type { LoopConfig } from '../config/loop-config.ts';
import { isClockAsked } from '../config/plan.ts';
import { splitCommand } from '../protection/readers/command-words.ts';
import { printing } from '../protection/readers/programs.ts';
import { askedClock, isClocked, totalShare } from '../verdict/corroboration.ts';
import { percent } from '../verdict/gain.ts';
import { coarseMetric } from '../verdict/reading/coarse.ts';
import { unitKind } from '../verdict/reading/unit.ts';
import type { Compiling } from './compiling.ts';
import type { BenchmarkFacts } from './facts.ts';
import { fixedWork } from './harness.ts';

type Benchmark = LoopConfig['benchmark'];

/** Below this many ms a metric is at the mercy of the clock's tick, the compiler and the collector. */
const shortMs = 10;

/** Share of a run after its last line that is more than a process needs to end. */
const minQuietShare = 0.1;

/** Said wherever people see what a loop begins with or has gained. */
export const uncheckedOutput =
  'UNCHECKED: nothing checks what the benchmark computes, so that left-out work looks like a gain';

/** Doubts about a benchmark that its runs on the base show, each with its remedy; none where all is well. */
export function benchmarkFindings(
  facts: BenchmarkFacts,
  config: LoopConfig,
  metrics: readonly number[] = [facts.metric],
): Finding[] {
  return [
    ...aboutUnprotected(config),
    ...aboutOutput(config),
    ...aboutReader(config),
    ...aboutEnd(facts, config),
    ...aboutFixedTime(facts, config),
    ...aboutCompiling(facts),
    ...aboutShare(facts, config),
    ...aboutLength(facts, config, metrics),
    ...aboutLimits(facts, config),
  ];
}

/** Puts a finding into one line. */
export function findingText({ subject, fact, remedy }: Finding): string {
  return `${subject}: ${fact}${remedy === null ? '' : `; ${remedy}`}`;
}

/** Names the time limit of a command by its field. */
export function limitOf(field: string): string {
  return /^(benchmark|sideMetrics)\b/.test(field) ? 'limits.benchmarkSeconds' : 'limits.testSeconds';
}

/** Tells what to do about runs of a command that come near its time limit, or hit it. */
export function timeoutRemedy(field: string, found: Compiling | undefined): string {
  const built = found ? `build it once: ${builtOnce(field, found)}` : 'where it compiles, do that once in "build"';
  return `let it do less in a run; ${built}; only then raise ${limitOf(field)}`;
}

function* aboutUnprotected({ unprotected }: LoopConfig): Generator<Finding> {
  if (unprotected.length === 0) return;
  const fact = openedFiles(unprotected);
  yield doubt('files', fact, 'see that neither tests nor benchmark run by them, and read their changes closely');
}

/** Said in the report too. */
export function openedFiles(unprotected: readonly string[]): string {
  return `candidates may change ${unprotected.join(', ')}, whose names are those of tests, benchmarks or libraries`;
}

function* aboutOutput({ benchmark }: LoopConfig): Generator<Finding> {
  if (benchmark.output) return;
  const remedy = 'print a checksum of all results ("CHECK …"), and name it: "output": { "pattern": "^CHECK (.+)$" }';
  yield doubt('output', uncheckedOutput, remedy);
}

/** Names numbers that a candidate's process prints and nobody else sees. Programs that only print or count run none of it. */
function* aboutReader({ benchmark, sideMetrics }: LoopConfig): Generator<Finding> {
  const measured = [
    ...(isClockAsked(benchmark) ? [] : [{ field: 'benchmark', ...benchmark }]),
    ...sideMetrics.map((side) => ({ ...side, field: `sideMetrics.${side.name}` })),
  ];
  const runsCode = (command: string) => splitCommand(command).some(([program = '']) => !printing.test(program));
  const told = measured.filter(({ metric, reader, command }) => metric && !reader && runsCode(command));
  if (told.length === 0) return;
  const fields = told.map(({ field }) => field).join(', ');
  const fact = `${fields}: no clock sees this number, and if the command runs edited code, that can print any other`;
  const remedy = 'print the result itself, and let a second command read the number out of it: "reader"';
  const isTime = told[0]!.field === 'benchmark' && isClocked(benchmark.unit);
  yield doubt('number', fact, isTime ? `ask a clock, with "noise": "measured"; of what is no time, ${remedy}` : remedy);
}

/** Once its last line is there, nothing shows that a run went on. A reader checks what was printed. */
function* aboutEnd({ quietMs, startUp, wallMs }: BenchmarkFacts, { benchmark }: LoopConfig): Generator<Finding> {
  if (quietMs === null || benchmark.reader || quietMs < Math.max(startUp.wallMs, minQuietShare * wallMs)) return;
  const share = percent(Math.min(1, quietMs / wallMs), 0);
  const fact = `${share} of a run comes after its last line, and a candidate that ends it there looks complete`;
  yield doubt('end', fact, 'print number and checksum at the end, after all work and all checks');
}

function* aboutFixedTime({ isFixedTime, harness }: BenchmarkFacts, { benchmark }: LoopConfig): Generator<Finding> {
  if (!isFixedTime || benchmark.clock === 'none') return;
  const fact =
    "the benchmark repeats its work for a fixed time, so that the loop's own clock sees no gain and none is committed";
  const last = benchmark.metric ? '; as a last resort set benchmark.clock to "none"' : '';
  yield doubt('time', fact, `let it do a fixed amount of work: ${fixedWork(harness)}${last}`);
}

function* aboutCompiling({ compiling }: BenchmarkFacts): Generator<Finding> {
  for (const [field, found] of Object.entries(compiling))
    if (found)
      yield doubt(
        'build',
        `${field} compiles in every run (${found.part})`,
        `build it once: ${builtOnce(field, found)}`,
      );
}

function builtOnce(field: string, { build, command }: Compiling): string {
  const benchmark = field === 'benchmark';
  const shown = JSON.stringify(command);
  return `"build": ${JSON.stringify(build)}, "${field}": ${benchmark ? `{ "command": ${shown}, … }` : shown}`;
}

function* aboutShare(facts: BenchmarkFacts, { benchmark }: LoopConfig): Generator<Finding> {
  const asked = clockOf(facts, benchmark);
  if (asked && !benchmark.metric && asked.startUpMs > asked.ms / 2) {
    const fact = 'more than half of a run is start-up, which no edit makes faster';
    yield doubt('share', fact, 'print the time of the part that matters, or let it do more');
  }
  const outside = outsideShare(facts, benchmark);
  if (outside === null || outside.share <= 1 - totalShare) return;
  const fact = `${outside.text}: a left-out warm-up there could pay for a claim, and gains are counted by the whole run`;
  const built = facts.compiling['benchmark'] ? ', or build it once' : '';
  yield doubt('share', fact, `repeat the measured part more often, or prepare less${built}`);
}

/** Share of a run after start-up that is no part of a time metric; null of other metrics, and of a harness, whose time is of one repeat. */
export function outsideShare(facts: BenchmarkFacts, benchmark: Benchmark): { share: number; text: string } | null {
  const asked = clockOf(facts, benchmark);
  if (!asked || !benchmark.metric || benchmark.harness) return null;
  const { isWall, ms, startUpMs, metricMs } = asked;
  const share = 1 - metricMs / Math.max(ms - startUpMs, metricMs);
  const name = isWall ? 'wall time' : 'CPU time';
  return { share, text: `${percent(share, 0)} of a run's ${name} after start-up lies outside of the metric` };
}

/** The clock that is asked of a time metric, in one run on the base; null of other metrics. */
function clockOf({ metric, startUp, ...run }: BenchmarkFacts, { clock, better, noise, ...benchmark }: Benchmark) {
  const unit = unitKind(benchmark.unit);
  if (unit.kind !== 'time' || better !== 'lower' || noise === 'exact' || clock === 'none') return null;
  const metricMs = benchmark.metric ? metric * unit.ms : 0;
  return { ...askedClock({ ...run, metricMs }, { clock: run.cpuMs <= 0 ? 'wall' : clock, startUp }), metricMs };
}

function* aboutLength({ metric }: BenchmarkFacts, config: LoopConfig, metrics: readonly number[]): Generator<Finding> {
  const { benchmark } = config;
  const coarse = coarseMetric(metrics, config);
  if (coarse) yield doubt('length', coarse.fact, coarse.remedy);
  const unit = unitKind(benchmark.unit);
  const isOfOneRun = benchmark.metric !== undefined && !benchmark.harness;
  if (coarse || unit.kind !== 'time' || !isOfOneRun || benchmark.noise === 'exact') return;
  if (metric * unit.ms >= shortMs) return;
  const fact = `the metric is ${Number((metric * unit.ms).toPrecision(2))} ms, hardly more than a clock can tell`;
  yield doubt('length', fact, 'measure more work, or repeat it, up to 0.1 to 1 s');
}

function* aboutLimits({ wallMs, compiling }: BenchmarkFacts, { limits }: LoopConfig): Generator<Finding> {
  if (wallMs < limits.benchmarkSeconds * 500) return;
  const fact = `a run takes ${(wallMs / 1000).toFixed(1)} s of at most ${limits.benchmarkSeconds} s, and one that is cut counts as failed`;
  yield doubt('limits', fact, timeoutRemedy('benchmark', compiling['benchmark']));
}

function doubt(subject: string, fact: string, remedy: string): Finding {
  return { subject, state: 'warning', fact, remedy };
}
