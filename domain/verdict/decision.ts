/**
 * Decides on one candidate from paired samples.
 *
 * The capital against a bar is the mean over three bet sizes of products of bets on clipped log ratios: a test
 * martingale. By Ville's inequality it reaches 1/alpha under "no gain" with a chance of at most alpha. Accepted: that
 * capital has reached 1/alpha and the median ratio is at the bar. Rejected: the capital against the bar has fallen to
 * `patience`, which may be any level: a rejection never makes an acceptance.
 */

/** One pair: the champion's and the candidate's metric, in the benchmark's unit. */
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
  /** Gain asked for as a difference, in the metric's unit, in place of `minImprovement`. Absent: ratios are judged. */
  minDifference?: number;
  /** The capital against the bar at which a candidate is given up: the higher, the sooner. Default 0.05. */
  patience?: number;
}

/** What turns a pair into a sample. */
type Scale = Pick<DecisionPolicy, 'better' | 'minDifference'>;

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
  /**
   * Anytime-valid 95 % interval of that ratio. An end at exp(-5) or exp(5) is not determined; with samples beyond these,
   * one at 0 or the largest number.
   */
  interval: [low: number, high: number];
}

/** The one gain that commit, report, result and UI tell, with its own interval. */
export interface ReportedGain extends Pick<Decision, 'interval' | 'pairs'> {
  /** Median of these pairs, in the sense of `Decision.estimate`. */
  ratio: number;
  /** Set where the pairs show a loss (`showsLoss`). */
  isLoss: boolean;
  /** In words: "12.3 % better (95 % +9.0 % to +16.0 %, 8 pairs)". */
  text: string;
}

/** The verdict with its terms, so that the evidence recomputes it. */
export interface RecordedVerdict extends Omit<Decision, 'verdict'>, DecisionPolicy {
  /** "contradicted": accepted, and the fresh pairs are below the bar. */
  verdict: Decision['verdict'] | 'contradicted';
  /** From the fresh pairs after an acceptance, else from the decision's. */
  reported: ReportedGain;
}

/** The most patient of the levels that a loop chooses from. */
export const defaultPatience = 0.05;
export const defaultPolicy: DecisionPolicy = { minImprovement: 0.05, alpha: 0.001, better: 'lower', noise: 'measured' };

/** After this many pairs without a verdict the decision is undecided. */
export const maxPairs = 60;
/** Fresh pairs after acceptance, which give the reported gain. */
export const freshPairs = 8;
/** Fresh pairs in all where the first ones are below the bar; if these are too, the acceptance is taken back. */
export const maxFreshPairs = 32;

/** Log ratios count in bets as far as this from what is bet against. */
export const clipScale = 0.06;
const betSizes = [0.5, 0.8, 0.95];
const intervalLimit = Math.log(40);
const intervalSpan = 5;
/** Log ratio that stands for `minDifference`. */
const differenceStep = 0.05;
/** Stands for the log of a ratio of numbers with different signs, and is the largest that is told. */
export const beyondRatios = 700;

/** Splits 0.05 over twice a loop's iterations, since a lost host may repeat a decision once: the alpha of a loop. */
export function loopFalseCommitRate(falseCommitRate: number, iterations: number): number {
  return Math.min(falseCommitRate, 0.05 / (2 * iterations));
}

/** Feeds the pairs in order until the rule stops; pairs beyond the stop are not looked at. */
export function decide(pairs: readonly Pair[], policy: DecisionPolicy = defaultPolicy): Decision {
  return decideSeries([samplesOf(pairs, policy)], policy);
}

/** Decides without the interval, which takes nearly all of the time: for replays by the thousand. */
export function applyRule(pairs: readonly Pair[], policy: DecisionPolicy = defaultPolicy): Omit<Decision, 'interval'> {
  return applyRuleTo([samplesOf(pairs, policy)], policy).decision;
}

/**
 * Decides on several views of the same pairs (the metric's, the clock's). All must accept, one rejects; estimate and
 * interval are those of the view with the smaller gain.
 */
export function decideSeries(views: readonly (readonly number[])[], policy: DecisionPolicy): Decision {
  const { decision, least } = applyRuleTo(views, policy);
  return { ...decision, interval: intervalOf(least) };
}

/** Applies the rule to several views of the same pairs; `least` is the view with the smaller gain. */
export function applyRuleTo(
  views: readonly (readonly number[])[],
  policy: DecisionPolicy,
): { decision: Omit<Decision, 'interval'>; least: readonly number[] } {
  const [logBar, futility] = [Math.log(bar(policy)), Math.log(policy.patience ?? defaultPatience)];
  const bettors = views.map((view) => ({ view, real: capital(0, -1), atBar: capital(logBar, -1), best: 0 }));
  let [used, verdict]: [number, Decision['verdict']] = [0, 'continue'];
  while (verdict === 'continue' && used < views[0]!.length) {
    for (const bettor of bettors) {
      const sample = bettor.view[used]!;
      bettor.best = Math.max(bettor.best, bettor.real.bet(sample));
      bettor.atBar.bet(sample);
    }
    used++;
    if (bettors.every(({ best, view }) => best >= -Math.log(policy.alpha) && median(view.slice(0, used)) <= logBar))
      verdict = 'accepted';
    else if (bettors.some(({ atBar }) => atBar.log() <= futility)) verdict = 'rejected';
    else if (used >= maxPairs) verdict = 'undecided';
  }
  const seen = views.map((view) => view.slice(0, used));
  const least = leastOf(seen);
  const { real, atBar } = bettors[seen.indexOf(least.view)]!;
  const logs = { logCapitalReal: real.log(), logCapitalBar: atBar.log() };
  return { decision: { verdict, pairs: used, ...logs, estimate: toRatio(least.middle) }, least: least.view };
}

/** Finds the view with the smaller gain, by its median; that of no samples is 0. */
export function leastOf<View extends readonly number[]>(views: readonly View[]): { view: View; middle: number } {
  const seen = views.map((view) => ({ view, middle: view.length > 0 ? median(view) : 0 }));
  return seen.reduce((one, next) => (next.middle > one.middle ? next : one));
}

/** The ratio at which the gain is just enough. */
export function bar({ better, minImprovement, minDifference }: Omit<DecisionPolicy, 'alpha' | 'noise'>): number {
  if (minDifference !== undefined) return Math.exp(-differenceStep);
  return better === 'lower' ? 1 - minImprovement : 1 / (1 + minImprovement);
}

/** A ratio from its log: 0 only for a metric that fell to 0, and never infinite, which JSON does not know. */
export function toRatio(logRatio: number): number {
  return logRatio === -Infinity ? 0 : Math.exp(within(logRatio, beyondRatios));
}

/** Every ratio that is not refuted at 0.025 on its side by the running maximum of the capital against it. */
export function intervalOf(logRatios: readonly number[]): Decision['interval'] {
  const refuted = (logRatio: number, side: -1 | 1) => {
    const against = capital(logRatio, side);
    return logRatios.some((sample) => against.bet(sample) >= intervalLimit);
  };
  const isWide = logRatios.some((sample) => Math.abs(sample) > intervalSpan - clipScale);
  const span = isWide ? beyondRatios : intervalSpan;
  const [low, high] = [bound((x) => refuted(x, 1), -span, span), bound((x) => refuted(x, -1), span, -span)];
  const open = isWide ? [0, Number.MAX_VALUE] : [Math.exp(-span), Math.exp(span)];
  return [low === null ? open[0]! : Math.exp(low), high === null ? open[1]! : Math.exp(high)];
}

/** Tells whether log ratios show a loss: by their whole interval, or each of them, clearer than they differ. */
export function showsLoss(logRatios: readonly number[], [low] = intervalOf(logRatios)): boolean {
  const [lowest, highest] = [Math.min(...logRatios), Math.max(...logRatios)];
  return low > 1 || (logRatios.length > 2 && lowest > highest - lowest);
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

export function samplesOf(pairs: readonly Pair[], scale: Scale): number[] {
  return pairs.map((pair) => toSample(pair, scale));
}

/** Log ratio of a pair; with `minDifference` the difference, so scaled that `minDifference` is one step. */
export function toSample(pair: Pair, { better, minDifference }: Scale): number {
  if (minDifference === undefined) return toLogRatio(pair, better);
  const [from, to] = better === 'lower' ? pair : [pair[1], pair[0]];
  return within(((to - from) / minDifference) * differenceStep, beyondRatios);
}

/**
 * Returns the log of the ratio as `Decision.estimate` means it: below 0 is a gain. Of two negative numbers the sizes
 * count; of others the direction only.
 */
export function toLogRatio([champion, candidate]: Pair, better: Better): number {
  const [from, to] = better === 'lower' ? [champion, candidate] : [candidate, champion];
  if (from === to) return 0;
  if (from > 0 && to > 0) return within(Math.log(to / from), beyondRatios);
  if (from < 0 && to < 0) return within(Math.log(from / to), beyondRatios);
  // A metric that fell to 0 cannot get better: only that is infinite.
  if (better === 'lower' && candidate === 0) return to < from ? -Infinity : beyondRatios;
  return to < from ? -beyondRatios : beyondRatios;
}

/** The difference, in the metric's unit, that a ratio stands for where differences are judged; below 0 is a gain. */
export function differenceOf(ratio: number, minDifference: number): number {
  return (Math.log(ratio) / differenceStep) * minDifference;
}

/** Grows when log ratios lie below (`side` -1) or above (`side` 1) `logRatio`. In logs, so that it cannot overflow. */
function capital(logRatio: number, side: -1 | 1) {
  const logs = betSizes.map(() => 0);
  const log = () => logMeanExp(logs);
  return {
    log,
    bet(sample: number): number {
      const bet = within((side * (sample - logRatio)) / clipScale, 1);
      betSizes.forEach((size, index) => (logs[index]! += Math.log1p(size * bet)));
      return log();
    },
  };
}

function logMeanExp(logs: readonly number[]): number {
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}

/** Takes at least one value. Where half of a metric fell to 0, it is not all of it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[middle - 1]!, sorted[middle]!];
  return sorted.length % 2 === 1 || below === -Infinity ? above : (below + above) / 2;
}

function within(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}

/** Bisects between a ratio that is refuted if any is (`from`) and one that is refuted last (`to`); null if none is. */
function bound(refuted: (logRatio: number) => boolean, from: number, to: number): number | null {
  if (!refuted(from)) return null;
  let [outside, inside] = [from, to];
  for (let step = 0; step < 200; step++) {
    const middle = (outside + inside) / 2;
    if (refuted(middle)) outside = middle;
    else inside = middle;
  }
  return (outside + inside) / 2;
}
