/**
 * Decides on one candidate from paired samples.
 *
 * The capital against a bar is the mean over three bet sizes of products of bets on clipped log ratios: a test
 * martingale. By Ville's inequality it reaches 1/alpha under "no gain" with a chance of at most alpha. Accepted: that
 * capital has reached 1/alpha and the median ratio is at the bar. Rejected: the capital against the bar is at 1/20.
 */

/** One pair: the champion's and the candidate's metric, both > 0, in the benchmark's unit. */
export type Pair = readonly [champion: number, candidate: number];

type Verdict = 'accepted' | 'rejected' | 'undecided';
export type Better = 'lower' | 'higher';

export interface DecisionPolicy {
  /** The gain asked for, as a share: 0.05 is 5 %. Default 0.05. */
  minImprovement: number;
  /** Chance that a program without any gain is accepted. Default 0.001. */
  alpha: number;
  /** Direction of the metric that is a gain. Default "lower". */
  better: Better;
  /** "exact": the metric repeats to the last digit. Default "measured". */
  noise: Noise;
}

export type Noise = 'measured' | 'exact';

export interface Decision {
  verdict: Verdict | 'continue';
  /** Pairs used up to the stop. */
  pairs: number;
  /** Natural log of the capital against "no gain", at the stop. */
  logCapitalReal: number;
  /** Natural log of the capital against the bar, at the stop. */
  logCapitalBar: number;
  /** Median ratio candidate/champion; inverted for "higher", so that below 1 is a gain. */
  estimate: number;
  /** Anytime-valid 95 % interval of that ratio. An end at exp(-5) or exp(5) is not determined. */
  interval: [low: number, high: number];
}

export const defaultPolicy: DecisionPolicy = { minImprovement: 0.05, alpha: 0.001, better: 'lower', noise: 'measured' };

/** After this many pairs without a verdict the decision is undecided. */
export const maxPairs = 60;
/** Fresh pairs after acceptance, which give the reported gain and cannot change the verdict. */
export const freshPairs = 8;

const clipScale = 0.06;
const betSizes = [0.5, 0.8, 0.95];
const futility = Math.log(0.05);
const intervalLimit = Math.log(40);
const intervalSpan = 5;

/** Splits 0.05 over twice a loop's iterations, since a lost host may repeat a decision once: the alpha of a loop. */
export function loopFalseCommitRate(falseCommitRate: number, iterations: number): number {
  return Math.min(falseCommitRate, 0.05 / (2 * iterations));
}

/** Feeds the pairs in order until the rule stops; pairs beyond the stop are not looked at. */
export function decide(pairs: readonly Pair[], policy: DecisionPolicy = defaultPolicy): Decision {
  const stop = applyRule(pairs, policy);
  return { ...stop, interval: ratioInterval(pairs.slice(0, stop.pairs), policy.better) };
}

/** Decides without the interval, which takes nearly all of the time: for replays by the thousand. */
export function applyRule(pairs: readonly Pair[], policy: DecisionPolicy = defaultPolicy): Omit<Decision, 'interval'> {
  const logBar = Math.log(bar(policy));
  const real = capital(0, -1);
  const atBar = capital(logBar, -1);
  const ratios: number[] = [];
  let best = 0;
  let verdict: Decision['verdict'] = 'continue';
  for (const pair of pairs) {
    const logRatio = toLogRatio(pair, policy.better);
    ratios.push(logRatio);
    best = Math.max(best, real.bet(logRatio));
    atBar.bet(logRatio);
    if (best >= -Math.log(policy.alpha) && median(ratios) <= logBar) verdict = 'accepted';
    else if (atBar.log() <= futility) verdict = 'rejected';
    else if (ratios.length >= maxPairs) verdict = 'undecided';
    if (verdict !== 'continue') break;
  }
  return {
    verdict,
    pairs: ratios.length,
    logCapitalReal: real.log(),
    logCapitalBar: atBar.log(),
    estimate: ratios.length === 0 ? 1 : Math.exp(median(ratios)),
  };
}

/** The ratio at which the gain is exactly `minImprovement`. */
export function bar(policy: Pick<DecisionPolicy, 'minImprovement' | 'better'>): number {
  return policy.better === 'lower' ? 1 - policy.minImprovement : 1 / (1 + policy.minImprovement);
}

/** Median ratio of pairs in the sense of `Decision.estimate`; 1 for no pairs. */
export function medianRatio(pairs: readonly Pair[], better: Better): number {
  return pairs.length === 0 ? 1 : Math.exp(median(pairs.map((pair) => toLogRatio(pair, better))));
}

/** Returns every ratio not refuted at 0.025 on its side by the running maximum of the capital against it. */
export function ratioInterval(pairs: readonly Pair[], better: Better): Decision['interval'] {
  const refuted = (logRatio: number, side: -1 | 1) => {
    const against = capital(logRatio, side);
    return pairs.some((pair) => against.bet(toLogRatio(pair, better)) >= intervalLimit);
  };
  return [
    Math.exp(bound((x) => refuted(x, 1), -intervalSpan, intervalSpan)),
    Math.exp(bound((x) => refuted(x, -1), intervalSpan, -intervalSpan)),
  ];
}

/** Says why a metric that should repeat to the last digit does not; null where it does. */
export function exactProblem([first, again]: readonly Pair[]): string | null {
  const side = again && ([0, 1] as const).find((index) => again[index] !== first![index]);
  if (side === undefined) return null;
  const values = `the ${side === 0 ? 'champion' : 'candidate'} gave ${first![side]}, then ${again![side]}`;
  return `the metric is not exact: ${values}; set noise to "measured", or make it repeat`;
}

/** Fair coins for the order of a pair (mulberry32). Values lie in [0, 1); below 0.5 the champion runs first. */
export function createCoin(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Log of the ratio in the sense of `Decision.estimate`: below 0 is a gain. */
export function toLogRatio([champion, candidate]: Pair, better: Better): number {
  return better === 'lower' ? Math.log(candidate / champion) : Math.log(champion / candidate);
}

/** Grows when log ratios lie below (`side` -1) or above (`side` 1) `logRatio`. In logs, so that it cannot overflow. */
export function capital(logRatio: number, side: -1 | 1) {
  const logs = betSizes.map(() => 0);
  const log = () => logMeanExp(logs);
  return {
    log,
    bet(sample: number): number {
      const bet = Math.min(1, Math.max(-1, (side * (sample - logRatio)) / clipScale));
      betSizes.forEach((size, index) => (logs[index]! += Math.log1p(size * bet)));
      return log();
    },
  };
}

function logMeanExp(logs: readonly number[]): number {
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}

/** Takes at least one value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Bisects between a ratio that is refuted if any is (`from`) and one that is refuted last (`to`). */
function bound(refuted: (logRatio: number) => boolean, from: number, to: number): number {
  if (!refuted(from)) return from;
  let [outside, inside] = [from, to];
  for (let step = 0; step < 200; step++) {
    const middle = (outside + inside) / 2;
    if (refuted(middle)) outside = middle;
    else inside = middle;
  }
  return (outside + inside) / 2;
}
