import { capital, exactProblem, maxPairs, median, toLogRatio, type Better, type Noise, type Pair } from './decision.ts';

export interface SidePolicy {
  /** Direction of the side metric that is good. */
  better: Better;
  noise: Noise;
  /** The worsening that is tolerated, as a share of the metric: 0.05 is 5 %. */
  worstAllowed: number;
}

export interface SideVerdict {
  verdict: 'tolerated' | 'worse' | 'undecided' | 'continue';
  /** Pairs used up to the stop. */
  pairs: number;
  /** Median ratio in the sense of `Decision.estimate`: above 1 is worse. */
  estimate: number;
}

/** Chance of tolerating a worse metric; also the capital at which the bets stop. */
const error = 0.05;
/** Tolerates the bound itself, however a binary fraction rounds it. */
const rounding = 1e-12;

/**
 * Bets as `decide` does, against "worse than allowed" (Ville's inequality). An exact metric is decided by one pair and
 * confirmed by one more.
 */
export function judgeSide(pairs: readonly Pair[], policy: SidePolicy): SideVerdict {
  const logBound =
    Math.log(policy.better === 'lower' ? 1 + policy.worstAllowed : 1 / (1 - policy.worstAllowed)) + rounding;
  const logRatios = pairs.map((pair) => toLogRatio(pair, policy.better));
  return policy.noise === 'exact' ? judgeExact(pairs, logRatios, logBound) : judgeMeasured(logRatios, logBound);
}

function judgeMeasured(logRatios: readonly number[], logBound: number): SideVerdict {
  const tolerable = capital(logBound, -1);
  let [used, best] = [0, 0];
  let verdict: SideVerdict['verdict'] = 'continue';
  for (const logRatio of logRatios) {
    best = Math.max(best, tolerable.bet(logRatio));
    used++;
    if (best >= -Math.log(error) && median(logRatios.slice(0, used)) <= logBound) verdict = 'tolerated';
    else if (tolerable.log() <= Math.log(error)) verdict = 'worse';
    else if (used >= maxPairs) verdict = 'undecided';
    if (verdict !== 'continue') break;
  }
  return { verdict, pairs: used, estimate: used === 0 ? 1 : Math.exp(median(logRatios.slice(0, used))) };
}

function judgeExact(pairs: readonly Pair[], logRatios: readonly number[], logBound: number): SideVerdict {
  const [first] = logRatios;
  if (first === undefined) return { verdict: 'continue', pairs: 0, estimate: 1 };
  const estimate = Math.exp(first);
  if (first > logBound) return { verdict: 'worse', pairs: 1, estimate };
  if (pairs.length < 2) return { verdict: 'continue', pairs: 1, estimate };
  return { verdict: exactProblem(pairs) === null ? 'tolerated' : 'undecided', pairs: 2, estimate };
}
