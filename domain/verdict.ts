import { decide, freshPairs, medianRatio, type Decision, type DecisionPolicy } from './decision.ts';
import type { MeasuredPair, RecordedVerdict } from './record.ts';

/** The verdict that a decision's finished pairs hold: those up to the rule's stop decide, the rest are fresh. */
export function toVerdict(pairs: readonly MeasuredPair[], policy: DecisionPolicy): RecordedVerdict {
  const decision = decideMeasured(pairs, policy);
  const fresh = pairs.slice(decision.pairs).map(({ pair }) => pair);
  return { ...decision, ...policy, reportedRatio: decision.verdict === 'accepted' && fresh.length > 0 ? medianRatio(fresh, policy.better) : null };
}

/** Whether nothing is left to measure: the rule has stopped, and an accepted candidate has its fresh pairs. */
export function isComplete(pairs: readonly MeasuredPair[], policy: DecisionPolicy): boolean {
  const decision = decideMeasured(pairs, policy);
  if (decision.verdict === 'continue') return false;
  return decision.verdict !== 'accepted' || pairs.length >= decision.pairs + freshPairs;
}

function decideMeasured(pairs: readonly MeasuredPair[], policy: DecisionPolicy): Decision {
  return decide(
    pairs.map(({ pair }) => pair),
    policy,
  );
}
