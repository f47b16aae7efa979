/** The rules that other loops use, on fresh coin-ordered pairs, which is kinder to them than a stored baseline: commit if at least 5 % better. */
import { median, samplesOf, toRatio, type Pair } from '../../domain/verdict/decision.ts';

interface SimpleRule {
  name: string;
  pairs: number;
  /** The ratio candidate/champion that is compared with the bar. */
  ratio: (pairs: readonly Pair[]) => number;
}

export const simpleRules: SimpleRule[] = [
  { name: 'single run', pairs: 1, ratio: ratioOf(mean) },
  { name: 'mean of 3', pairs: 3, ratio: ratioOf(mean) },
  { name: 'min of 10', pairs: 10, ratio: ratioOf((times) => Math.min(...times)) },
  { name: 'median of 10 pairs', pairs: 10, ratio: (pairs) => toRatio(median(samplesOf(pairs, { better: 'lower' }))) },
];

export function commits(rule: SimpleRule, pairs: readonly Pair[]): boolean {
  return rule.ratio(pairs.slice(0, rule.pairs)) <= 0.95;
}

function ratioOf(summary: (times: number[]) => number): SimpleRule['ratio'] {
  return (pairs) => summary(pairs.map(([, candidate]) => candidate)) / summary(pairs.map(([champion]) => champion));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
