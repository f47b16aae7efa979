import { bar, decide, exactProblem, freshPairs, medianRatio, toLogRatio } from './decision.ts';
import type { Decision, DecisionPolicy, Pair } from './decision.ts';
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
  const samples = pairs.map(({ pair }) => pair);
  const decision = decideBy(samples, policy);
  const fresh = samples.slice(decision.pairs);
  const reported =
    policy.noise === 'exact' ? decision.estimate : fresh.length > 0 ? medianRatio(fresh, policy.better) : null;
  return { ...decision, ...policy, reportedRatio: decision.verdict === 'accepted' ? reported : null };
}

/** True once the rule has stopped, and an accepted candidate has its fresh pairs. */
export function isComplete(pairs: readonly MeasuredPair[], policy: DecisionPolicy): boolean {
  const samples = pairs.map(({ pair }) => pair);
  const decision = decideBy(samples, policy);
  if (decision.verdict === 'continue') return false;
  return decision.verdict !== 'accepted' || policy.noise === 'exact' || pairs.length >= decision.pairs + freshPairs;
}

const rounding = 1e-12;

/** Decides by the first pair; a second one with the very same numbers must confirm a gain. */
function decideExact(pairs: readonly Pair[], policy: DecisionPolicy): Decision {
  const [champion, candidate] = pairs[0] ?? [1, 1];
  // 95 of 100 is a gain of 5 %, however a binary fraction rounds it.
  const isAtBar = toLogRatio([champion, candidate], policy.better) <= Math.log(bar(policy)) + rounding;
  const used = pairs.slice(0, isAtBar ? exactPairs : 1);
  const estimate = policy.better === 'lower' ? candidate / champion : champion / candidate;
  let verdict: Decision['verdict'] = 'continue';
  if (used.length > 0 && !isAtBar) verdict = 'rejected';
  else if (used.length === exactPairs) verdict = exactProblem(used) === null ? 'accepted' : 'undecided';
  return { verdict, pairs: used.length, logCapitalReal: 0, logCapitalBar: 0, estimate, interval: [estimate, estimate] };
}
