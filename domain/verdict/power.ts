import { applyRule, createCoin, maxPairs, type Better, type DecisionPolicy, type Pair } from './decision.ts';

/** What the verdict can do on a benchmark of a given noise. */
export interface Power {
  /** Smallest gain that is accepted with this probability, as a share (0.1 is 10 %); null where no gain in reach is. */
  provable: { probability: number; gain: number | null }[];
  /** Mean pairs of a decision on a candidate without any gain, and on one with `clearGain`. Fresh pairs not counted. */
  pairs: { noGain: number; clearGain: number };
}

/** What is called a clear gain. */
export const clearGain = 0.2;
const probabilities = [0.5, 0.9, 0.99];
/** Simulated decisions. The noise of a few dozen runs is known less well than this number tells. */
const decisions = 100;
/** Of them, those that also tell the mean number of pairs. */
const timed = 50;
/** The largest gain looked for, in percent: nine tenths less of what is to be low, five times of what is to be high. */
const largest = { lower: 90, higher: 400 } satisfies Record<Better, number>;

/**
 * Feeds the product's own rule with resampled noise, scaled by a gain. The same seed gives the same answer.
 * @param noise log ratios of runs of one program; their signs are drawn afresh, as the coin of a pair does
 */
export function powerOf(noise: readonly number[], policy: DecisionPolicy, seed = 1): Power {
  const draws = drawNoise(noise, seed);
  const accepts = (draw: number, percent: number) =>
    decideAt(draws[draw]!, percent / 100, policy).verdict === 'accepted';
  const thresholds = findThresholds(accepts, largest[policy.better]);
  const meanPairs = (gain: number) =>
    draws.slice(0, timed).reduce((sum, draw) => sum + decideAt(draw, gain, policy).pairs, 0) / timed;
  return {
    provable: probabilities.map((probability) => ({
      probability,
      gain: thresholds(Math.ceil(probability * decisions)),
    })),
    pairs: { noGain: meanPairs(0), clearGain: meanPairs(clearGain) },
  };
}

/** For each simulated decision the log ratios of its pairs. */
function drawNoise(noise: readonly number[], seed: number): number[][] {
  const random = createCoin(seed);
  const pick = () => noise[Math.floor(random() * noise.length)]! * (random() < 0.5 ? 1 : -1);
  return Array.from({ length: decisions }, () => Array.from({ length: maxPairs }, pick));
}

function decideAt(draw: readonly number[], gain: number, policy: DecisionPolicy) {
  const factor = policy.better === 'lower' ? 1 - gain : 1 + gain;
  return applyRule(
    draw.map((logRatio): Pair => [1, factor * Math.exp(logRatio)]),
    policy,
  );
}

/**
 * A function that gives the smallest gain at which at least `count` decisions accept. On the same noise a larger gain is accepted wherever a
 * smaller one is (every bet grows with it), so what is known of a decision at one gain need not be asked again at another.
 */
function findThresholds(
  accepts: (draw: number, percent: number) => boolean,
  most: number,
): (count: number) => number | null {
  const known = Array.from({ length: decisions }, () => ({ refused: 0, accepted: most + 1 }));
  const isAccepted = (draw: number, percent: number): boolean => {
    const bounds = known[draw]!;
    if (percent <= bounds.refused || percent >= bounds.accepted) return percent >= bounds.accepted;
    const accepted = accepts(draw, percent);
    bounds[accepted ? 'accepted' : 'refused'] = percent;
    return accepted;
  };
  const reached = (count: number, percent: number) =>
    known.filter((_bounds, draw) => isAccepted(draw, percent)).length >= count;
  return (count) => {
    let [below, at] = [0, most + 1];
    while (at - below > 1) {
      const middle = (below + at) >> 1;
      if (reached(count, middle)) at = middle;
      else below = middle;
    }
    return at > most ? null : at / 100;
  };
}
