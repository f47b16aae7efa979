import { z } from 'zod';
import type { LoopConfig } from './loop-config.ts';
import { isClocked, type StartUp } from '../verdict/corroboration.ts';
import { defaultPatience, type DecisionPolicy } from '../verdict/decision.ts';
import type { JudgeTerms } from '../verdict/verdict.ts';
import { forms } from '../proposal/form.ts';
import { toLine, type CleanLine } from '../text.ts';

/** Fixed by `prepare` and kept in the ledger, so that another worker can go on from the repository alone. */
export interface Plan {
  version: 1;
  loopId: string;
  /** Every default filled in. */
  config: LoopConfig;
  baseSha: string;
  /** Without refs/heads/. */
  branch: string;
  /** Highest chance that one decision accepts a candidate without gain. */
  alpha: number;
  source: Source;
  /** Absent until the base is measured. */
  effort?: Effort;
}

export const maxSamples = 8;

export const effortSchema = z.strictObject({
  /** Answers drawn. */
  samples: z.int().min(1).max(maxSamples),
  /** See `DecisionPolicy.patience`. */
  patience: z.number().min(0.01).max(0.5),
});

/** Effort of an iteration, fixed by `prepare` before anything is decided. */
export type Effort = z.infer<typeof effortSchema>;

export const sourceSchema = z.strictObject({
  kind: z.enum(['ollama', 'openai', 'embedded', 'command', 'tune']),
  name: z
    .string()
    .max(200)
    .regex(/^[^\p{C}]+$/u),
  /** Room for prompt and answer together, clamped to the model's; 0 for a command. */
  contextTokens: z.int().min(0),
  /** Further room for the thoughts of a reasoning model; 0 where it has none. */
  thoughtTokens: z.int().min(0),
  form: z.enum(forms),
  /** Tokens a second, as the model's first question showed them; null: not known. */
  speed: z.strictObject({ read: z.number().positive(), write: z.number().positive() }).nullable(),
});

/** The proposing model or command, as `prepare` resolved it. */
export type Source = z.infer<typeof sourceSchema>;

/** A program in place of a model: it makes of the brief what it likes. */
export function commandSource(name: string): Source {
  return { kind: 'command', name, contextTokens: 0, thoughtTokens: 0, form: 'rewrite', speed: null };
}

/** A search over named constants in place of a model. */
export const tuneSource: Source = { ...commandSource('constants'), kind: 'tune', form: 'choice' };

/** Every command that a config gives, by its field. */
export function commandsOf(config: LoopConfig): [field: string, command: string][] {
  const { setup, build, test, benchmark, sideMetrics } = config;
  const sides = sideMetrics.map(({ name, ...side }) => ({ field: `sideMetrics.${name}`, ...side }));
  const all: [field: string, command: string | undefined][] = [
    ['setup', setup],
    ['build', build],
    ['test', test],
    ...[{ field: 'benchmark', ...benchmark }, ...sides].flatMap(({ field, command, reader }) => [
      [`${field}.command`, command] as [string, string],
      [`${field}.reader`, reader] as [string, string | undefined],
    ]),
  ];
  return all.flatMap(([field, command]) => (command === undefined ? [] : [[field, command]]));
}

/** "ollama qwen2.5-coder:7b": for records, commits and people. */
export function sourceName({ kind, name }: Source): CleanLine {
  return toLine(`${kind} ${name}`, 100);
}

/** The terms of every decision of a loop. */
export function policyOf({ config, alpha, effort }: Pick<Plan, 'config' | 'alpha' | 'effort'>): DecisionPolicy {
  const { minImprovement, benchmark, patience = effort?.patience ?? defaultPatience } = config;
  const { better, noise, minDifference } = benchmark;
  return { minImprovement, alpha, better, noise, patience, ...(minDifference !== undefined && { minDifference }) };
}

/** The same with the clock, where it says more than the metric does. Of CPU time that may be hidden, wall time does. */
export function termsOf(plan: Pick<Plan, 'config' | 'alpha' | 'effort'>, startUp: StartUp): JudgeTerms {
  const { benchmark } = plan.config;
  const { clock, unit, better, metric } = benchmark;
  const policy = policyOf(plan);
  if (!metric && clock === 'cpu' && startUp.isEvadable)
    return { policy, clock: { clock: 'wall', unit: 'ms', better, startUp } };
  return { policy, clock: clock !== 'none' && isClockAsked(benchmark) ? { clock, unit, better, startUp } : null };
}

export function isClockAsked({ clock, metric, noise, unit }: LoopConfig['benchmark']): boolean {
  return clock !== 'none' && metric !== undefined && noise !== 'exact' && isClocked(unit);
}

/** Tells if functions are to answer as before: a score that no `output` holds, or what a reader judges, is to change. */
export function keepsAnswers({ metric, output, reader, unit }: LoopConfig['benchmark']): boolean {
  return reader === undefined && (metric === undefined || output !== undefined || isClocked(unit));
}
