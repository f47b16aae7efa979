import { isRefName, loopConfigSchema, type LoopConfig } from './loop-config.ts';
import { explain, type ParseResult } from './problems.ts';
import { repositoryFormProblem } from './repository.ts';

/** Checks a LoopConfig; one line per bad field, each with field, fact and remedy. Never throws. */
export function parseLoopConfig(input: unknown): ParseResult<LoopConfig> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const fact =
      typeof input === 'string' ? 'a string' : input === undefined ? 'nothing' : JSON.stringify(input).slice(0, 40);
    return {
      ok: false,
      problems: [
        `config: is ${fact}; give one plain JSON object, such as {"repository": "/path", "editable": ["src/**"], …}`,
      ],
    };
  }
  const parsed = loopConfigSchema.safeParse(input);
  if (!parsed.success) return { ok: false, problems: explain(parsed.error, loopConfigSchema) };
  const problems = crossCheck(parsed.data);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: parsed.data };
}

function crossCheck({ repository, branch, hypothesis, benchmark, sideMetrics, setup, provided }: LoopConfig): string[] {
  const problems: string[] = [];
  if (setup && provided.length === 0)
    problems.push(
      'provided: is empty, so that no run would see what "setup" makes; name its paths, such as ["node_modules"]',
    );
  if (!setup && provided.length > 0)
    problems.push('provided: is given without a setup that makes it; give "setup" or remove "provided"');
  const form = repositoryFormProblem(repository);
  if (form) problems.push(form);
  if (!isRefName(branch.replaceAll('<loopId>', 'id')))
    problems.push(`branch: "${branch}" is not a valid branch name; use one such as "karpathy-loop/<loopId>"`);
  const { source, command, model } = hypothesis;
  if (source === 'command' && !command)
    problems.push(
      'hypothesis.command: is missing for source "command"; name a command source of the worker\'s settings',
    );
  if (source !== 'command' && command)
    problems.push(`hypothesis.command: is given for source "${source}"; set hypothesis.source to "command"`);
  if (model && (source === 'command' || source === 'embedded'))
    problems.push(`hypothesis.model: is given for source "${source}"; use source "ollama" or remove it`);
  if (!benchmark.metric && benchmark.better === 'higher')
    problems.push(
      'benchmark.better: is "higher" without a metric, which asks for a slower program; give benchmark.metric, or "lower"',
    );
  if (!benchmark.metric && benchmark.clock === 'none')
    problems.push(
      'benchmark.clock: is "none" and there is no metric, so that nothing is measured; give benchmark.metric, or "cpu" or "wall"',
    );
  const measured = [
    { field: 'benchmark', ...benchmark },
    ...sideMetrics.map((side, index) => ({ field: `sideMetrics.${index}`, ...side })),
  ];
  for (const { field, noise, metric } of measured)
    if (noise === 'exact' && !metric)
      problems.push(
        `${field}.noise: is "exact" without a metric, and no clock repeats to the last digit; give ${field}.metric`,
      );
  sideMetrics.forEach(({ name, noise, worstAllowed }, index) => {
    if (noise === 'measured' && worstAllowed < 0.01)
      problems.push(
        `sideMetrics.${index}.worstAllowed: ${worstAllowed} can never be proved of a metric that varies; allow at least 0.01, or set noise to "exact"`,
      );
    if (sideMetrics.findIndex((other) => other.name === name) < index)
      problems.push(`sideMetrics.${index}.name: "${name}" is there twice; give each its own`);
  });
  return problems;
}
