import { z } from 'zod';
import type { LoopConfig } from './loop-config.ts';
import type { DecisionPolicy } from '../verdict/decision.ts';
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
}

export const sourceSchema = z.strictObject({
  kind: z.enum(['ollama', 'embedded', 'command']),
  name: z
    .string()
    .max(200)
    .regex(/^[^\p{C}]+$/u),
  /** Clamped to the model's; 0 for a command. */
  contextTokens: z.int().min(0),
  /** "choice": the model is too small to write edits, and chooses values of constants instead. */
  form: z.enum(['edits', 'choice']),
});

/** The proposing model or command, as `prepare` resolved it. */
export type Source = z.infer<typeof sourceSchema>;

/** "ollama qwen2.5-coder:7b": for records, commits and people. */
export function sourceName({ kind, name }: Source): CleanLine {
  return toLine(`${kind} ${name}`, 100);
}

/** The terms of every decision of a loop. */
export function policyOf({ config, alpha }: Pick<Plan, 'config' | 'alpha'>): DecisionPolicy {
  const { minImprovement, benchmark } = config;
  return { minImprovement, alpha, better: benchmark.better, noise: benchmark.noise };
}
