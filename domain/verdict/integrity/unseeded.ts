import { viewsOf } from '../corroboration.ts';
import { leastOf, toRatio, type Noise } from '../decision.ts';
import { gain } from '../gain.ts';
import type { MeasuredPair } from '../pair.ts';
import type { JudgeTerms } from '../verdict.ts';

/** Pairs without BENCH_SEED: a gain that is there with the seed only was made for the loop's runs. */
export interface UnseededPairs {
  /** Seed of their order. */
  seed: number;
  pairs: MeasuredPair[];
}

/** Pairs after which the gain may be there, and those after which it is not. */
const bounds = { measured: [8, 24], exact: [1, 3] } satisfies Record<Noise, [enough: number, most: number]>;
/** Share of the reported gain, in logs, that must be there. */
const heldShare = 0.5;
/** Stands for the log of a fall to 0, whose half would be no less. */
const fallLog = -5;

export const [unseededPairs, maxUnseededPairs] = bounds.measured;

export type UnseededVerdict = 'holds' | 'vanished' | 'continue';

/** Compares an accepted gain with what the pairs without BENCH_SEED show; looks after every pair. */
export function judgeUnseeded(
  pairs: readonly MeasuredPair[],
  reported: number,
  { policy, clock }: JudgeTerms,
): { verdict: UnseededVerdict; objection: { reason: 'uncorroborated'; detail: string } | null } {
  const [enough, most] = bounds[policy.noise];
  // As for the reported gain: of metric and clock the one that shows less.
  const { middle: seen } = leastOf(viewsOf(pairs, policy, clock));
  if (pairs.length >= enough && seen <= heldShare * (reported === 0 ? fallLog : Math.log(reported)))
    return { verdict: 'holds', objection: null };
  if (pairs.length < most) return { verdict: 'continue', objection: null };
  const figures = `with BENCH_SEED ${gain(reported, policy)}, without it ${gain(toRatio(seen), policy)}`;
  const remedy = 'let the benchmark draw the same kind of input with BENCH_SEED and without it';
  const detail = `benchmark: ${figures}; the gain depends on the loop's seed; ${remedy}`;
  return { verdict: 'vanished', objection: { reason: 'uncorroborated', detail } };
}
