import { fromTop, harnessProblems, withHarness } from './derived.ts';
import { isRefName } from '../loop-id.ts';
import { loopConfigSchema, type LoopConfig } from './loop-config.ts';
import { isClockAsked } from './plan.ts';
import { parseBy, type ParseResult } from './problems.ts';
import { repositoryFormProblem } from './repository.ts';
import { defaultPolicy } from '../verdict/decision.ts';
import { unitKind } from '../verdict/reading/unit.ts';

/** Checks a LoopConfig; one line per bad field, each with field, fact and remedy. Never throws. */
export function parseLoopConfig(input: unknown): ParseResult<LoopConfig> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const shown = input === undefined ? 'nothing' : JSON.stringify(input).slice(0, 40);
    const fact = typeof input === 'string' ? 'a string' : shown;
    const remedy = 'give one plain JSON object, such as {"repository": "/path", "editable": ["src/**"], …}';
    return { ok: false, problems: [`config: is ${fact}; ${remedy}`] };
  }
  const parsed = parseBy(loopConfigSchema, input);
  if (!parsed.ok) return parsed;
  const problems = [...harnessProblems(input, parsed.value.benchmark)];
  const value = withHarness(fromTop(parsed.value));
  problems.push(...crossCheck(value));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
}

function* crossCheck(config: LoopConfig): Generator<string> {
  const { repository, branch, hypothesis, benchmark, sideMetrics, setup, provided } = config;
  if (setup && provided.length === 0)
    yield 'provided: is empty, so that no run would see what "setup" makes; name its paths, such as ["node_modules"]';
  if (!setup && provided.length > 0)
    yield 'provided: is given without a setup that makes it; give "setup" or remove "provided"';
  const form = repositoryFormProblem(repository);
  if (form) yield form;
  if (!isRefName(branch.replaceAll('<loopId>', 'id')) || /^(?:HEAD$|refs\/)/.test(branch))
    yield `branch: "${branch}" is not a valid branch name; use one such as "karpathy-loop/<loopId>", without "refs/heads/"`;
  const { source, command, model } = hypothesis;
  if (source === 'command' && !command)
    yield 'hypothesis.command: is missing for source "command"; name a command source of the worker\'s settings';
  if (source !== 'command' && command)
    yield `hypothesis.command: is given for source "${source}"; set hypothesis.source to "command"`;
  if (model && ['command', 'embedded', 'tune'].includes(source))
    yield `hypothesis.model: is given for source "${source}"; use source "ollama" or remove it`;
  if (!benchmark.metric && benchmark.better === 'higher')
    yield 'benchmark.better: is "higher" without a metric, which asks for a slower program; give benchmark.metric, or "lower"';
  if (!benchmark.metric && benchmark.clock === 'none')
    yield 'benchmark.clock: is "none" and there is no metric, so that nothing is measured; give benchmark.metric, or "cpu" or "wall"';
  yield* gainProblems(config);
  const measured = [
    { field: 'benchmark', ...benchmark },
    ...sideMetrics.map((side, index) => ({ field: `sideMetrics.${index}`, ...side })),
  ];
  for (const { field, noise, metric, reader } of measured) {
    if (reader && !metric)
      yield `${field}.reader: is given without a metric, so that nobody looks for its number; give ${field}.metric`;
    if (noise === 'exact' && !metric)
      yield `${field}.noise: is "exact" without a metric, and no clock repeats to the last digit; give ${field}.metric`;
  }
  if (benchmark.reader && isClockAsked(benchmark))
    yield `benchmark.reader: reads a number in "${benchmark.unit}", and no second process can tell how long the first one took; remove it, or set benchmark.clock to "none"`;
  for (const [index, { name, noise, worstAllowed }] of sideMetrics.entries()) {
    if (noise === 'measured' && worstAllowed < 0.01)
      yield `sideMetrics.${index}.worstAllowed: ${worstAllowed} can never be proved of a metric that varies; allow at least 0.01, or set noise to "exact"`;
    if (sideMetrics.findIndex((other) => other.name === name) < index)
      yield `sideMetrics.${index}.name: "${name}" is there twice; give each its own`;
  }
}

/** Finds terms of a gain that the rule and the loop's own clock cannot both mean. */
function* gainProblems({ benchmark, minImprovement }: LoopConfig): Generator<string> {
  const { better, minDifference, unit } = benchmark;
  if (minDifference !== undefined && minImprovement !== defaultPolicy.minImprovement)
    yield 'minImprovement: is given beside benchmark.minDifference, which takes its place; remove one of the two';
  if (!isClockAsked(benchmark)) return;
  if (minDifference !== undefined)
    yield `benchmark.minDifference: is a difference, and the loop's own clock sees only shares of a metric in "${unit}"; use minImprovement, or set benchmark.clock to "none" (a score has a unit of its own)`;
  const { kind } = unitKind(unit);
  const isTime = unit.trim() !== '' && (kind === 'time' || kind === 'time-share');
  if (isTime ? better === 'higher' : kind === 'rate' && better === 'lower')
    yield `benchmark.better: is "${better}" for a metric in "${unit}", which asks for a slower program; give "${isTime ? 'lower' : 'higher'}", or set benchmark.clock to "none" if no time is meant`;
}
