import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { defaultPolicy, type Decision, type DecisionPolicy, type Pair } from '../../domain/verdict/decision.ts';
import { judgeEvidence } from '../../domain/verdict/judgement.ts';
import type { Evidence } from '../../domain/ledger/record.ts';
import { decideBy } from '../../domain/verdict/verdict.ts';
import { toJsonLine } from '../../domain/text.ts';
import { print } from '../terminal/progress.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { isObject, parseJson } from '../../adapters/json-text.ts';

/** The public name of `alpha` here is a0. */
type Input = { pairs: Pair[]; a0?: number } & Partial<Omit<DecisionPolicy, 'alpha'>>;

const terms =
  '"minImprovement"?: 0.05, "minDifference"?: 1, "a0"?: 0.001, "patience"?: 0.05, "better"?: "lower", "noise"?: "measured"';
const form = `{"pairs": [[champion, candidate], …], ${terms}}`;
const help = `
Input: ${form}
   or: an iteration's evidence as it lies in a ledger
       (git show <ledger>:records/0/3.evidence.json | karpathy-loop decide)
The pairs are read in order until the rule stops. For evidence, corroboration, side metrics and objection are
computed again too; "failure", why a candidate could not be judged, is copied.
Exit code 2 on bad input.`;

export function define(command: Command): void {
  command.addHelpText('after', help).action(async () => {
    print(toJsonLine(answer(await text(process.stdin))));
  });
}

function answer(input: string): object {
  const json = parseJson(input, 'standard input');
  if (!json.ok) throw new CommandError(json.problems, exitCodes.usage);
  const fields = isObject(json.value) ? json.value : null;
  if (!fields) throw new CommandError([`standard input: is not a JSON object; give ${form}`], exitCodes.usage);
  const isEvidence = 'fresh' in fields;
  const problems = isEvidence ? evidenceProblems(fields) : inputProblems(fields);
  const more = problems.length > 10 ? [`and ${problems.length - 10} more`] : [];
  if (problems.length > 0) throw new CommandError([...problems.slice(0, 10), ...more], exitCodes.usage);
  if (isEvidence) return recompute(fields as unknown as Evidence);
  const { pairs, a0: alpha = defaultPolicy.alpha, ...policy } = fields as unknown as Input;
  return decideBy(pairs, { ...defaultPolicy, ...policy, alpha }) satisfies Decision;
}

/** Judges the samples anew, as the loop does. A failure does not follow from them and goes before the verdict. */
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

/** Checks by hand, without zod: scripts call this command in their inner loop, so it must start fast. */
function inputProblems({ pairs, ...terms }: Record<string, unknown>): string[] {
  const { minImprovement, minDifference, a0, patience, better, noise, ...unknown } = terms;
  const known = 'pairs, minImprovement, minDifference, a0, patience, better, noise';
  return [
    ...Object.keys(unknown).map((key) => `${key}: unknown field; known here: ${known}`),
    ...pairProblems('pairs', pairs),
    ...policyProblems('', { minImprovement, minDifference, a0, patience, better, noise }),
  ];
}

const asInLedger = 'give the evidence as it is in the ledger';

function evidenceProblems(evidence: Record<string, unknown>): string[] {
  const { version, policy, pairs, fresh, corroboration, unseeded = null, side, failure = null } = evidence;
  if (version !== 1) return [`version: is ${JSON.stringify(version)}; this program reads evidence of version 1`];
  if (!isObject(policy))
    return ['policy: is missing, so that the terms of the verdict are unknown; give the pairs alone, with their terms'];
  const { minImprovement, minDifference, alpha, patience, better, noise } = policy;
  const terms = { minImprovement, alpha, better, noise };
  const isCorroboration = corroboration === null || (isObject(corroboration) && isObject(corroboration['startUp']));
  const isFailure = failure === null || typeof failure === 'string';
  return [
    ...Object.entries(terms).flatMap(([name, value]) =>
      unless(value !== undefined, `policy.${name}: is missing; ${asInLedger}`),
    ),
    ...policyProblems('policy.', { ...terms, minDifference, patience }),
    ...samplesProblems('pairs', pairs),
    ...samplesProblems('fresh', fresh),
    ...(unseeded === null ? [] : samplesProblems('unseeded.pairs', isObject(unseeded) && unseeded['pairs'])),
    ...unless(Array.isArray(side), `side: is not a list; ${asInLedger}`),
    ...(Array.isArray(side) ? side : []).flatMap((metric: unknown, index) =>
      samplesProblems(`side.${index}.pairs`, isObject(metric) ? metric['pairs'] : undefined),
    ),
    ...unless(isCorroboration, `corroboration: is neither null nor an object; ${asInLedger}`),
    ...unless(isFailure, `failure: is neither null nor a text; ${asInLedger}`),
  ];
}

function samplesProblems(field: string, samples: unknown): string[] {
  if (!Array.isArray(samples)) return pairProblems(field, samples);
  const pairs = samples.map((sample: unknown) => (isObject(sample) ? sample['pair'] : sample));
  const clocks = samples.flatMap((sample: unknown, index) =>
    unless(isObject(sample) && isClocked(sample), `${field}.${index}: has no clock times; ${asInLedger}`),
  );
  return [...pairProblems(field, pairs), ...clocks];
}

function pairProblems(field: string, pairs: unknown): string[] {
  if (!Array.isArray(pairs)) return [`${field}: is not a list; give ${form}`];
  return pairs.flatMap((pair: unknown, index) => {
    const fact = `${field}.${index}: is ${JSON.stringify(pair)}`;
    return unless(
      areTwo(pair, () => true),
      `${fact}; give [champion, candidate], two numbers`,
    );
  });
}

function policyProblems(
  prefix: string,
  { better, noise, minDifference, ...shares }: Record<string, unknown>,
): string[] {
  const oneOf = (name: string, value: unknown, first: string, second: string) =>
    unless(
      value === undefined || value === first || value === second,
      `${prefix}${name}: is ${JSON.stringify(value)}; give "${first}" or "${second}"`,
    );
  return [
    ...Object.entries(shares).flatMap(([name, value]) =>
      unless(
        value === undefined || (typeof value === 'number' && value > 0 && value < 1),
        `${prefix}${name}: is ${JSON.stringify(value)}; give a number between 0 and 1`,
      ),
    ),
    ...unless(
      minDifference === undefined || (typeof minDifference === 'number' && minDifference > 0),
      `${prefix}minDifference: is ${JSON.stringify(minDifference)}; give a number above 0`,
    ),
    ...oneOf('better', better, 'lower', 'higher'),
    ...oneOf('noise', noise, 'measured', 'exact'),
  ];
}

function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}

function isClocked({ cpuMs, wallMs }: Record<string, unknown>): boolean {
  return [cpuMs, wallMs].every((times) => areTwo(times, (ms) => ms >= 0));
}

function areTwo(values: unknown, isAllowed: (value: number) => boolean): boolean {
  if (!Array.isArray(values) || values.length !== 2) return false;
  return values.every((value) => typeof value === 'number' && Number.isFinite(value) && isAllowed(value));
}
