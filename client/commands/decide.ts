import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { defaultPolicy, type Decision, type DecisionPolicy, type Pair } from '../../domain/verdict/decision.ts';
import { judgeEvidence } from '../../domain/verdict/judgement.ts';
import type { Evidence } from '../../domain/ledger/record.ts';
import { decideBy } from '../../domain/verdict/verdict.ts';
import { toJsonLine } from '../../domain/text.ts';
import { print } from '../terminal/progress.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { parseJson } from '../terminal/json-text.ts';

/** The public name of `alpha` here is a0. */
type Input = { pairs: Pair[]; a0?: number } & Partial<Omit<DecisionPolicy, 'alpha'>>;

const form =
  '{"pairs": [[champion, candidate], …], "minImprovement"?: 0.05, "a0"?: 0.001, "better"?: "lower", "noise"?: "measured"}';
const help = `
Input: ${form}
   or: an iteration's evidence as it lies in a ledger (git show <ledger>:records/0/3.evidence.json | karpathy-loop decide)
The pairs are fed in order until the rule stops. Of evidence the corroboration, the side metrics and the objection are computed anew, too;
why a candidate could not be judged (failure) is told as it stands there.
Exit code 2 on bad input.`;

export function define(command: Command): void {
  command.addHelpText('after', help).action(async () => {
    print(toJsonLine(answer(await text(process.stdin))));
  });
}

function answer(input: string): object {
  const json = parseJson(input, 'standard input');
  if (!json.ok) throw new CommandError(json.problems, exitCodes.usage);
  const fields = isRecord(json.value) ? json.value : null;
  if (!fields) throw new CommandError([`standard input: is not a JSON object; give ${form}`], exitCodes.usage);
  const isEvidence = 'fresh' in fields;
  const problems = isEvidence ? evidenceProblems(fields) : inputProblems(fields);
  if (problems.length > 0)
    throw new CommandError(
      problems.length > 10 ? [...problems.slice(0, 10), `and ${problems.length - 10} more`] : problems,
      exitCodes.usage,
    );
  if (isEvidence) return recompute(fields as unknown as Evidence);
  const { pairs, a0: alpha = defaultPolicy.alpha, ...policy } = fields as unknown as Input;
  return decideBy(pairs, { ...defaultPolicy, ...policy, alpha }) satisfies Decision;
}

/** What the loop says of the samples, without the samples. A failure does not follow from them: it goes before the verdict, as in the loop. */
function recompute(evidence: Evidence): object {
  const { verdict, corroboration, side, objection } = judgeEvidence(evidence);
  return {
    ...verdict,
    corroboration,
    side: side.map(({ pairs, ...rest }) => ({ ...rest, pairs: pairs.length })),
    objection,
    failure: evidence.failure ?? null,
  };
}

/** By hand and not by schema: this command answers in a script's inner loop and loads nothing that it does not need. */
function inputProblems(input: Record<string, unknown>): string[] {
  const { pairs, minImprovement, a0, better, noise, ...unknown } = input;
  const problems = Object.keys(unknown).map(
    (key) => `${key}: unknown field; known here: pairs, minImprovement, a0, better, noise`,
  );
  problems.push(
    ...pairProblems('pairs', pairs, (pair) => pair),
    ...policyProblems('', { minImprovement, a0, better, noise }),
  );
  return problems;
}

function evidenceProblems({
  version,
  policy,
  pairs,
  fresh,
  corroboration,
  side,
  failure = null,
}: Record<string, unknown>): string[] {
  if (version !== 1) return [`version: is ${JSON.stringify(version)}; this program reads evidence of version 1`];
  if (!isRecord(policy))
    return ['policy: is missing, so that the terms of the verdict are unknown; give the pairs alone, with their terms'];
  const { minImprovement, alpha, better, noise } = policy;
  const terms = { minImprovement, alpha, better, noise };
  const missing = Object.entries(terms).flatMap(([name, value]) =>
    value === undefined ? [`policy.${name}: is missing; give the evidence as it is in the ledger`] : [],
  );
  const sides = Array.isArray(side) ? side : [];
  return [
    ...missing,
    ...policyProblems('policy.', terms),
    ...samplesProblems('pairs', pairs),
    ...samplesProblems('fresh', fresh),
    ...(Array.isArray(side) ? [] : ['side: is not a list; give the evidence as it is in the ledger']),
    ...sides.flatMap((metric: unknown, index) =>
      samplesProblems(`side.${index}.pairs`, isRecord(metric) ? metric['pairs'] : undefined),
    ),
    ...(corroboration === null || isRecord(corroboration)
      ? []
      : ['corroboration: is neither null nor an object; give the evidence as it is in the ledger']),
    ...(failure === null || typeof failure === 'string'
      ? []
      : ['failure: is neither null nor a text; give the evidence as it is in the ledger']),
  ];
}

function samplesProblems(field: string, samples: unknown): string[] {
  const of = (name: string) => (sample: unknown) => (isRecord(sample) ? sample[name] : sample);
  const clocks = Array.isArray(samples)
    ? samples.flatMap((sample, index) =>
        isRecord(sample) && isClocked(sample)
          ? []
          : [`${field}.${index}: has no clock times; give the evidence as it is in the ledger`],
      )
    : [];
  return [...pairProblems(field, samples, of('pair')), ...clocks];
}

function isClocked({ cpuMs, wallMs }: Record<string, unknown>): boolean {
  return [cpuMs, wallMs].every(
    (times) => Array.isArray(times) && times.length === 2 && times.every((ms) => typeof ms === 'number' && ms >= 0),
  );
}

function pairProblems(field: string, pairs: unknown, pairOf: (item: unknown) => unknown): string[] {
  if (!Array.isArray(pairs)) return [`${field}: is not a list; give ${form}`];
  return pairs.flatMap((item: unknown, index) => {
    const pair = pairOf(item);
    return isPair(pair)
      ? []
      : [`${field}.${index}: is ${JSON.stringify(pair)}; give [champion, candidate], two numbers above 0`];
  });
}

function policyProblems(prefix: string, { better, noise, ...shares }: Record<string, unknown>): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(shares)) {
    if (value !== undefined && !(typeof value === 'number' && value > 0 && value < 1))
      problems.push(`${prefix}${name}: is ${JSON.stringify(value)}; give a number between 0 and 1`);
  }
  const oneOf = (name: string, value: unknown, first: string, second: string) => {
    if (value !== undefined && value !== first && value !== second)
      problems.push(`${prefix}${name}: is ${JSON.stringify(value)}; give "${first}" or "${second}"`);
  };
  oneOf('better', better, 'lower', 'higher');
  oneOf('noise', noise, 'measured', 'exact');
  return problems;
}

function isPair(pair: unknown): boolean {
  return (
    Array.isArray(pair) &&
    pair.length === 2 &&
    pair.every((value) => typeof value === 'number' && Number.isFinite(value) && value > 0)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
