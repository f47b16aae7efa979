import {
  bar,
  decide,
  freshPairs,
  medianRatio,
  toLogRatio,
  type Decision,
  type DecisionPolicy,
  type Pair,
} from './decision.ts';
import type { RecordedVerdict } from '../ledger/record.ts';
import type { MeasuredPair } from './pair.ts';

/** Pairs of an exact metric: one decides, one more confirms. */
const exactPairs = 2;

/** The rule for the metric's kind of noise; pairs beyond its stop are not looked at. */
export function decideBy(pairs: readonly Pair[], policy: DecisionPolicy): Decision {
  return policy.noise === 'exact' ? decideExact(pairs, policy) : decide(pairs, policy);
}

/** The verdict that a decision's finished pairs hold: those up to the rule's stop decide, the rest are fresh. */
export function toVerdict(pairs: readonly MeasuredPair[], policy: DecisionPolicy): RecordedVerdict {
  const decision = decideMeasured(pairs, policy);
  const fresh = pairs.slice(decision.pairs).map(({ pair }) => pair);
  const reported =
    policy.noise === 'exact' ? decision.estimate : fresh.length > 0 ? medianRatio(fresh, policy.better) : null;
  return { ...decision, ...policy, reportedRatio: decision.verdict === 'accepted' ? reported : null };
}

/** True once the rule has stopped, and an accepted candidate has its fresh pairs. */
export function isComplete(pairs: readonly MeasuredPair[], policy: DecisionPolicy): boolean {
  const decision = decideMeasured(pairs, policy);
  if (decision.verdict === 'continue') return false;
  return decision.verdict !== 'accepted' || policy.noise === 'exact' || pairs.length >= decision.pairs + freshPairs;
}

/** Why a metric that is said to repeat to the last digit does not; null where it does. */
export function exactProblem(pairs: readonly Pair[]): string | null {
  const [first, again] = pairs;
  const side = again && ([0, 1] as const).find((index) => again[index] !== first![index]);
  if (side === undefined) return null;
  const name = side === 0 ? 'champion' : 'candidate';
  return `the metric is not exact: the ${name} gave ${first![side]}, then ${again![side]}; set noise to "measured", or make it repeat`;
}

/** The first pair decides; a gain is confirmed by a second one with the very same numbers, without which it is undecided. */
function decideExact(pairs: readonly Pair[], policy: DecisionPolicy): Decision {
  const used = pairs.slice(0, isAtBar(pairs[0], policy) ? exactPairs : 1);
  const [champion, candidate] = used[0] ?? [1, 1];
  const ratio = policy.better === 'lower' ? candidate / champion : champion / candidate;
  return {
    verdict: exactVerdict(used, policy),
    pairs: used.length,
    logCapitalReal: 0,
    logCapitalBar: 0,
    estimate: ratio,
    interval: [ratio, ratio],
  };
}

function exactVerdict(pairs: readonly Pair[], policy: DecisionPolicy): Decision['verdict'] {
  if (pairs.length === 0) return 'continue';
  if (!isAtBar(pairs[0], policy)) return 'rejected';
  if (pairs.length < exactPairs) return 'continue';
  return exactProblem(pairs) === null ? 'accepted' : 'undecided';
}

/** 95 of 100 is a gain of 5 %, however a binary fraction rounds it. */
function isAtBar(pair: Pair | undefined, policy: DecisionPolicy): boolean {
  return pair !== undefined && toLogRatio(pair, policy.better) <= Math.log(bar(policy)) + rounding;
}

const rounding = 1e-12;

function decideMeasured(pairs: readonly MeasuredPair[], policy: DecisionPolicy): Decision {
  return decideBy(
    pairs.map(({ pair }) => pair),
    policy,
  );
}
