import { usedTools } from '../../adapters/sandbox/command-tools.ts';
import { limitsLayerText } from '../../adapters/sandbox/contract.ts';
import { freshPairs } from '../../domain/verdict/decision.ts';
import { unseededPairs } from '../../domain/verdict/integrity/unseeded.ts';
import { speedText } from '../../adapters/models/probe.ts';
import { commandsOf, sourceName, type Source } from '../../domain/config/plan.ts';
import { describeFlaky, maxTestRuns } from '../../domain/protection/flaky-tests.ts';
import { outsideShare } from '../../domain/benchmark/findings.ts';
import { unitKind } from '../../domain/verdict/reading/unit.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import type { StepContext } from './context.ts';
import type { Worker } from './resources.ts';
import type { OpenLoop } from './open-loop.ts';

type Benchmark = OpenLoop['plan']['config']['benchmark'];

/** One paragraph for people on what a loop begins with. */
/** @param why this model, where nobody named it */
export function summarize(
  { worker, loop }: Pick<StepContext, 'worker' | 'loop'>,
  base: BaseFacts,
  why: string | null,
): string {
  const { config, baseSha, source } = loop.plan;
  return [
    `base ${config.base} = ${baseSha.slice(0, 10)} (committed work only)`,
    `benchmark ${base.metric} ${config.benchmark.unit}, ${config.benchmark.better} is better`,
    ...aboutTools(worker, loop),
    ...aboutTests(loop, base),
    aboutTime(loop, base),
    ...aboutModel(source, why),
    ...aboutJudging(worker, loop, base),
  ].join('; ');
}

function aboutModel(source: Source, why: string | null): string[] {
  const { kind, contextTokens, thoughtTokens, speed, form } = source;
  const purpose = kind === 'embedded' && form === 'choice' ? ' (for trying the loop, not for real code)' : '';
  const chosen = why === null ? '' : ` (chosen: ${why})`;
  const thoughts = thoughtTokens ? `, and ${thoughtTokens} for its thoughts` : '';
  const context = contextTokens ? `, context ${contextTokens} tokens${thoughts}` : '';
  const rate = speedText(speed);
  if (kind === 'tune') return ['no model: "tune" searches the values of named constants that the hot code uses'];
  return [`model ${sourceName(source)}${purpose}${chosen}${context}`, ...(rate ? [`the model ${rate}`] : [])];
}

/** A person's `python` may be another one than that of runs. */
function aboutTools({ settings, sandbox }: Worker, { plan: { config } }: OpenLoop): string[] {
  const commands = commandsOf(config).map(([, command]) => command);
  const used = sandbox.kind === 'none' ? [] : usedTools(commands, settings.tools);
  return used.length > 0 ? [`runs use ${used.join(', ')}`] : [];
}

function aboutTests(
  { plan: { config } }: OpenLoop,
  { tests, guardTests, testMs, testRuns, guardRuns }: BaseFacts,
): string[] {
  const count = tests ? `${tests.passed} ran and passed` : 'their number is not known: give testCount';
  const visible = `tests ${(testMs / 1000).toFixed(1)} s, ${count}`;
  // Held-out tests give no number either: this line goes into the history.
  const unknown = guardTests
    ? ''
    : ", how many of its tests ran is not known: give its testCount in the worker's settings";
  const flaky = describeFlaky(testRuns);
  const isIgnored = config.flaky === 'ignore' && testRuns.flaky.length > 0;
  const meaning = isIgnored ? 'passes' : `is repeated, up to ${maxTestRuns} runs`;
  return [
    visible,
    ...(flaky ? [`warning: flaky tests: ${flaky}, so a candidate's failure of nothing else ${meaning}`] : []),
    ...(config.guard ? [`guard ${config.guard} passed${unknown}`] : []),
    ...(guardRuns.failures > 0
      ? [`warning: flaky guard: ${describeFlaky(guardRuns)}, so a candidate's failure is repeated`]
      : []),
  ];
}

function aboutTime({ plan: { config } }: OpenLoop, { testMs, wallMs }: BaseFacts): string {
  // A typical no-op takes 6 pairs; a clear gain 12, fresh ones, unseeded ones, and the tests again. One warms up.
  const pairs = config.benchmark.noise === 'exact' ? [1, 3] : [7, 14 + freshPairs + unseededPairs];
  const [shortest, usual] = pairs.map((count, index) => Math.ceil(((index + 1) * testMs + 2 * count * wallMs) / 1000));
  return `an iteration takes about ${shortest} s (no gain) to ${usual} s (a clear gain) beside the model`;
}

function aboutJudging({ sandbox }: Worker, { plan: { config, alpha } }: OpenLoop, base: BaseFacts): string[] {
  return [
    `sandbox ${sandbox.kind}, limits by ${limitsLayerText[sandbox.limitsLayer]}`,
    `workspace ${base.workspace}${config.workspace === 'auto' ? ' (chosen: the base passes so)' : ''}`,
    corroboration(config.benchmark, base),
    `false commit rate ${alpha} a decision`,
    ...(base.unseeded === 'works' ? [] : ['the benchmark fails without BENCH_SEED: no gain is checked without it']),
  ];
}

function corroboration(benchmark: Benchmark, base: BaseFacts): string {
  const { clock, metric, noise, unit } = benchmark;
  const { startUp } = base;
  const name = clock === 'wall' ? 'wall time' : 'CPU time';
  if (noise === 'exact') return 'the metric is exact, and no clock is asked';
  if (!metric) return `the loop's own clock (${name}) is the metric`;
  if (clock === 'none') return 'no clock corroborates a gain';
  if (unitKind(unit).kind === 'other')
    return `no clock corroborates a gain: ${JSON.stringify(unit)} is neither a time nor a rate`;
  const ms = Math.round(clock === 'wall' ? startUp.wallMs : startUp.cpuMs);
  const outside = outsideShare(base, benchmark);
  return `the ${name} must corroborate a gain (of which starting ${startUp.of} takes ${ms} ms)${outside ? `; ${outside.text}` : ''}`;
}
