import { viewsOf, type ClockTerms } from './corroboration.ts';
import {
  bar,
  beyondRatios,
  decide,
  decideSeries,
  exactProblem,
  freshPairs,
  intervalOf,
  leastOf,
  maxFreshPairs,
  showsLoss,
  toRatio,
  toSample,
  type Decision,
  type DecisionPolicy,
  type Pair,
  type RecordedVerdict,
  type ReportedGain,
} from './decision.ts';
import { measuredText } from './gain.ts';
import type { MeasuredPair } from './pair.ts';

/** The terms of a loop's decisions. */
export interface JudgeTerms {
  policy: DecisionPolicy;
  /** Null where no clock of the loop's own is asked for the gain. */
  clock: ClockTerms | null;
}

/** Pairs of an exact metric: one decides, one more confirms. */
const exactPairs = 2;

/** The rule for the metric's kind of noise; pairs beyond its stop are not looked at. */
export function decideBy(pairs: readonly Pair[], policy: DecisionPolicy): Decision {
  return policy.noise === 'exact' ? decideExact(pairs, policy) : decide(pairs, policy);
}

/** The same of what metric and clock saw: both must accept. */
function decideMeasured(pairs: readonly MeasuredPair[], { policy, clock }: JudgeTerms): Decision {
  if (policy.noise === 'exact') return decideExact(metricOf(pairs), policy);
  return decideSeries(viewsOf(pairs, policy, clock), policy);
}

/**
 * Judges finished pairs. Those up to the rule's stop decide; the fresh rest give the gain that is told, and may take
 * an acceptance back.
 */
export function toVerdict(pairs: readonly MeasuredPair[], terms: JudgeTerms): RecordedVerdict {
  const { policy } = terms;
  const decision = decideMeasured(pairs, terms);
  const told = toldPairs(pairs, { ...decision, ...policy });
  const reported = gainOf(told, terms);
  const hasFresh = freshOf(pairs, { ...decision, ...policy }).length > 0;
  const isContradicted = hasFresh && reported.ratio > bar(policy);
  return { ...decision, ...policy, verdict: isContradicted ? 'contradicted' : decision.verdict, reported };
}

/** The pairs that give the told gain: the fresh ones of an acceptance, else the decision's. */
export function toldPairs(pairs: readonly MeasuredPair[], decided: Decided): readonly MeasuredPair[] {
  const fresh = freshOf(pairs, decided);
  return fresh.length > 0 ? fresh : pairs.slice(0, decided.pairs);
}

type Decided = Pick<RecordedVerdict, 'verdict' | 'noise' | 'pairs'>;

function freshOf(pairs: readonly MeasuredPair[], { verdict, noise, pairs: decided }: Decided): readonly MeasuredPair[] {
  return (verdict === 'accepted' || verdict === 'contradicted') && noise !== 'exact' ? pairs.slice(decided) : [];
}

/** Median of the view with the smaller gain, and its interval, from the same pairs. */
export function gainOf(measured: readonly MeasuredPair[], { policy, clock }: JudgeTerms): ReportedGain {
  const pairs = measured.length;
  if (policy.noise === 'exact') {
    const { estimate: ratio, interval } = decideExact(metricOf(measured), policy);
    return { ratio, interval, pairs, isLoss: ratio > 1, text: measuredText({ ratio, interval, pairs }, policy) };
  }
  const { view, middle } = leastOf(viewsOf(measured, policy, clock));
  const [ratio, interval] = [toRatio(middle), intervalOf(view)];
  const isLoss = showsLoss(view, interval);
  return { ratio, interval, pairs, isLoss, text: measuredText({ ratio, interval, pairs }, policy) };
}

/** True once the rule has stopped, and an accepted candidate has its fresh pairs: more where they contradict it. */
export function isComplete(pairs: readonly MeasuredPair[], terms: JudgeTerms): boolean {
  const decision = decideMeasured(pairs, terms);
  if (decision.verdict === 'continue') return false;
  if (decision.verdict !== 'accepted' || terms.policy.noise === 'exact') return true;
  const fresh = pairs.slice(decision.pairs);
  if (fresh.length < freshPairs) return false;
  const isAtBar = gainOf(fresh.slice(0, freshPairs), terms).ratio <= bar(terms.policy);
  return isAtBar || fresh.length >= maxFreshPairs;
}

const rounding = 1e-12;

/** Decides by the first pair; a second one with the very same numbers must confirm a gain. */
function decideExact(pairs: readonly Pair[], policy: DecisionPolicy): Decision {
  const first: Pair = pairs[0] ?? [1, 1];
  const sample = toSample(first, policy);
  // 95 of 100 is a gain of 5 %, however a binary fraction rounds it.
  const isAtBar = sample <= Math.log(bar(policy)) + rounding;
  const used = pairs.slice(0, isAtBar ? exactPairs : 1);
  const estimate = exactRatio(first, sample, policy);
  let verdict: Decision['verdict'] = 'continue';
  if (used.length > 0 && !isAtBar) verdict = 'rejected';
  else if (used.length === exactPairs) verdict = exactProblem(used) === null ? 'accepted' : 'undecided';
  return { verdict, pairs: used.length, logCapitalReal: 0, logCapitalBar: 0, estimate, interval: [estimate, estimate] };
}

/** The quotient itself where there is one: a log and back would round it. */
function exactRatio([champion, candidate]: Pair, sample: number, { better, minDifference }: DecisionPolicy): number {
  const isTold = minDifference === undefined && champion > 0 && candidate > 0 && Math.abs(sample) < beyondRatios;
  if (!isTold) return toRatio(sample);
  return better === 'lower' ? candidate / champion : champion / candidate;
}

function metricOf(pairs: readonly MeasuredPair[]): Pair[] {
  return pairs.map(({ pair }) => pair);
}
