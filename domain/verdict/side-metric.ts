import { exactProblem, median, toLogRatio, type Better, type Noise, type Pair } from './decision.ts';

export interface SidePolicy {
  /** Direction of the side metric that is good. */
  better: Better;
  noise: Noise;
  /** The worsening that is allowed, as a share of the metric: 0.05 is 5 %. */
  worstAllowed: number;
}

export interface SideVerdict {
  /** "within" and "worse" are proved; "unknown" is what could not be proved either way. */
  verdict: 'within' | 'worse' | 'unknown' | 'continue';
  /** Pairs used up to the stop. */
  pairs: number;
  /** Median ratio in the sense of `Decision.estimate`: above 1 is worse. Between exp(-20) and exp(20). */
  estimate: number;
}

/** After this many pairs without a proof the answer is unknown. */
export const maxSidePairs = 120;
/** Chance of "within" for a metric at its bound or beyond, and of "worse" for one at its bound or better. */
const error = 0.05;
/** Most of its capital that a bet risks. */
const stake = 0.95;
/** Ratios of bound to noise that bets are made for: bold on quiet metrics, careful on noisy ones. */
const quietness = [0.45, 1.5];
/** Capital against "worse" from which on waiting for that proof is not hopeless. */
const hopeful = 0.2;
/** A ratio beyond exp(20), as of a zero to another number, is no better known than this. */
const maxLogRatio = 20;
/** Allows the bound itself, however a binary fraction rounds it. */
const rounding = 1e-12;

/**
 * Bets on both answers at once, each against its opposite (Ville's inequality): `createBets`.
 * An exact metric is decided by one pair and confirmed by one more.
 */
export function judgeSide(pairs: readonly Pair[], policy: SidePolicy): SideVerdict {
  const logRatios = pairs.map((pair) => sideLogRatio(pair, policy.better));
  const logBound = logBoundOf(policy) + rounding;
  return policy.noise === 'exact' ? judgeExact(pairs, logRatios, logBound) : judgeMeasured(logRatios, logBound);
}

/** Log of the ratio at which a metric is as much worse as is allowed. */
function logBoundOf({ better, worstAllowed }: Pick<SidePolicy, 'better' | 'worstAllowed'>): number {
  return better === 'lower' ? Math.log1p(worstAllowed) : -Math.log1p(-worstAllowed);
}

/** Log of the ratio, within limits: it must survive medians and JSON. */
export function sideLogRatio(pair: Pair, better: Better): number {
  return Math.min(maxLogRatio, Math.max(-maxLogRatio, toLogRatio(pair, better)));
}

function judgeMeasured(logRatios: readonly number[], logBound: number): SideVerdict {
  const bets = createBets(logBound);
  let used = 0;
  const middle = () => median(logRatios.slice(0, used));
  let verdict: SideVerdict['verdict'] = 'continue';
  for (const logRatio of logRatios) {
    const { within, worse } = bets(logRatio);
    used++;
    if (within >= 1 / error && middle() <= logBound) verdict = 'within';
    else if (worse >= 1 / error && middle() > logBound) verdict = 'worse';
    else if ((within <= error && worse <= hopeful) || used >= maxSidePairs) verdict = 'unknown';
    if (verdict !== 'continue') break;
  }
  return { verdict, pairs: used, estimate: used === 0 ? 1 : Math.exp(middle()) };
}

/** Returns each answer's capital: the mean of bets that are fair at the bound at any noise, since a coin orders each pair. */
function createBets(logBound: number): (logRatio: number) => { within: number; worse: number } {
  const capitals = quietness.map((quiet) => ({ quiet, within: 1, worse: 1 }));
  const mean = (answer: 'within' | 'worse') =>
    capitals.reduce((sum, capital) => sum + capital[answer], 0) / capitals.length;
  return (logRatio) => {
    for (const capital of capitals) {
      // Of normal noise, this wins fastest on an unchanged metric.
      const bet = stake * Math.tanh(capital.quiet ** 2 * (1 - logRatio / logBound));
      capital.within *= 1 + bet;
      capital.worse *= 1 - bet;
    }
    return { within: mean('within'), worse: mean('worse') };
  };
}

function judgeExact(pairs: readonly Pair[], logRatios: readonly number[], logBound: number): SideVerdict {
  const [first] = logRatios;
  if (first === undefined) return { verdict: 'continue', pairs: 0, estimate: 1 };
  const estimate = Math.exp(first);
  if (first > logBound) return { verdict: 'worse', pairs: 1, estimate };
  if (pairs.length < 2) return { verdict: 'continue', pairs: 1, estimate };
  return { verdict: exactProblem(pairs) === null ? 'within' : 'unknown', pairs: 2, estimate };
}
