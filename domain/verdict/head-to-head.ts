import { exactProblem, type Noise } from './decision.ts';
import type { MeasuredPair } from './pair.ts';
import type { HeadToHead } from '../steps.ts';
import { gainOf, type JudgeTerms } from './verdict.ts';

/** Why base and champion could not be measured. */
export interface NotMeasured extends Pick<HeadToHead, 'base' | 'champion'> {
  /** One clean line. */
  problem: string;
}

/** Base against final champion as it stands in the ledger: the result, and the samples that it follows from. */
export interface HeadToHeadRecord {
  version: 1;
  result: HeadToHead | NotMeasured;
  /** Seed of the pairs' order; null without randomization. */
  seed: number | null;
  /** In order of measurement; "champion" is the base, "candidate" the final champion. */
  samples: MeasuredPair[];
}

/** Pairs to be measured: of an exact metric one, and one that confirms it. */
export function headToHeadPairs(noise: Noise): number {
  return noise === 'exact' ? 2 : 20;
}

/**
 * Sums up all pairs; no rule stops in between.
 * @returns null where an "exact" metric differs from pair to pair
 */
export function headToHeadOf(
  samples: readonly MeasuredPair[],
  facts: Pick<HeadToHead, 'base' | 'champion' | 'unit'>,
  terms: JudgeTerms,
): HeadToHead | null {
  const { better, noise, minDifference } = terms.policy;
  const about = { ...facts, better, ...(minDifference !== undefined && { minDifference }) };
  if (noise === 'exact' && exactProblem(samples.map(({ pair }) => pair)) !== null) return null;
  const { ratio, interval, pairs } = gainOf(samples, terms);
  return { ...about, pairs, ratio, interval };
}
