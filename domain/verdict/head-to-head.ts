import { exactProblem, medianRatio, ratioInterval, type Noise } from './decision.ts';
import type { MeasuredPair } from './pair.ts';
import type { HeadToHead } from '../steps.ts';

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
  { noise, ...facts }: Pick<HeadToHead, 'base' | 'champion' | 'better' | 'unit'> & { noise: Noise },
): HeadToHead | null {
  const pairs = samples.map(({ pair }) => pair);
  if (noise === 'exact' && exactProblem(pairs) !== null) return null;
  const ratio = medianRatio(pairs, facts.better);
  const interval: HeadToHead['interval'] = noise === 'exact' ? [ratio, ratio] : ratioInterval(pairs, facts.better);
  return { ...facts, pairs: pairs.length, ratio, interval };
}
