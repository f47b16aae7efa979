import { applyRule, bar, createCoin, maxPairs, type Better, type DecisionPolicy, type Pair } from './decision.ts';
import { judgeSide, maxSidePairs, type SidePolicy } from './side-metric.ts';

/** Gains that the verdict can prove at a given noise. */
export interface Power {
  /** Smallest gain that is accepted with this probability, as a share (0.1 is 10 %); null where no gain in reach is. */
  provable: { probability: number; gain: number | null }[];
  /** Mean pairs of a decision on a candidate without any gain, and on one with `clearGain`. Fresh pairs not counted. */
  pairs: { noGain: number; clearGain: number };
}

/** Passing of a side metric that did not change, at a given noise. */
export interface SidePower {
  /** Share of decisions that prove it within its bound. */
  passes: number;
  /** Mean pairs of a decision. */
  pairs: number;
  /** Smallest `worstAllowed` that it surely passes with `sidePassing`, in whole percents; null where none in reach is. */
  holds: number | null;
}

/** A clear gain, as a share. */
export const clearGain = 0.2;
const probabilities = [0.5, 0.9, 0.99];
/** Simulated decisions. The noise of a few dozen runs is known less well than this number tells. */
const decisions = 100;
/** Decisions that also give the mean number of pairs. */
const timed = 50;
/** Share of decisions in which a side metric that did not change should pass. */
export const sidePassing = 0.95;
/** Noise may be louder by this than a few dozen runs show. */
const noiseMargin = 1.15;
/** Maximum gain looked for, in percent. */
const maxPercent = { lower: 90, higher: 400 } satisfies Record<Better, number>;

/**
 * Feeds the decision rule with resampled noise, scaled by a gain. The same seed gives the same answer.
 * @param noise samples of runs of one program
 */
export function powerOf(noise: readonly number[], policy: DecisionPolicy, seed = 1): Power {
  const { minDifference, ...ratios } = policy;
  if (minDifference !== undefined)
    return powerOf(noise, { ...ratios, better: 'lower', minImprovement: 1 - bar(policy) }, seed);
  const draws = drawNoise(noise, maxPairs, seed);
  const thresholds = draws.map((draw) => minAccepted(draw, policy)).sort((a, b) => a - b);
  const meanPairs = (gain: number) =>
    draws.slice(0, timed).reduce((sum, draw) => sum + decideAt(draw, gain, policy).pairs, 0) / timed;
  return {
    provable: probabilities.map((probability) => {
      const percent = thresholds[Math.ceil(probability * decisions) - 1]!;
      return { probability, gain: percent > maxPercent[policy.better] ? null : percent / 100 };
    }),
    pairs: { noGain: meanPairs(0), clearGain: meanPairs(clearGain) },
  };
}

/**
 * Feeds the rule of side metrics with resampled noise. The same seed gives the same answer.
 * @param noise log ratios of runs of one program
 */
export function sidePowerOf(noise: readonly number[], policy: SidePolicy, seed = 1): SidePower {
  const draws = drawNoise(noise, maxSidePairs, seed);
  const at = (worstAllowed: number, loudness = 1) => {
    const pairs = draws.map((draw) => draw.map((logRatio): Pair => [1, Math.exp(loudness * logRatio)]));
    const judged = pairs.map((sample) => judgeSide(sample, { ...policy, worstAllowed }));
    return {
      passes: judged.filter(({ verdict }) => verdict === 'within').length / decisions,
      pairs: judged.reduce((sum, decision) => sum + decision.pairs, 0) / decisions,
    };
  };
  const holds = minPercent(100, (percent) => at(percent / 100, noiseMargin).passes >= sidePassing);
  return { ...at(policy.worstAllowed), holds: holds === 100 ? null : holds / 100 };
}

/** For each simulated decision the log ratios of its pairs. */
function drawNoise(noise: readonly number[], pairs: number, seed: number): number[][] {
  const random = createCoin(seed);
  const pick = () => noise[Math.floor(random() * noise.length)]! * (random() < 0.5 ? 1 : -1);
  return Array.from({ length: decisions }, () => Array.from({ length: pairs }, pick));
}

function decideAt(draw: readonly number[], gain: number, policy: DecisionPolicy) {
  const factor = policy.better === 'lower' ? 1 - gain : 1 + gain;
  const pairs = draw.map((logRatio): Pair => [1, factor * Math.exp(logRatio)]);
  return applyRule(pairs, policy);
}

/** Returns the smallest accepted gain, in percent; above the maximum for none. Acceptance grows with the gain. */
function minAccepted(draw: readonly number[], policy: DecisionPolicy): number {
  return minPercent(
    maxPercent[policy.better] + 1,
    (percent) => decideAt(draw, percent / 100, policy).verdict === 'accepted',
  );
}

/** Bisects for the smallest whole number from which on `suffices` holds; `none` where it holds for none below. */
function minPercent(none: number, suffices: (percent: number) => boolean): number {
  let [below, at] = [0, none];
  while (at - below > 1) {
    const middle = (below + at) >> 1;
    if (suffices(middle)) at = middle;
    else below = middle;
  }
  return at;
}
