import type { LoopConfig } from '../config/loop-config.ts';

/** Says why gains on a base with these metrics cannot be told as the config asks; null where they can. */
export function scaleProblem(metrics: readonly number[], { benchmark }: LoopConfig): string | null {
  const { noise, better, minDifference, unit } = benchmark;
  if (noise === 'exact' && better === 'lower' && metrics.every((metric) => metric === 0) && minDifference === undefined)
    return "benchmark.metric: the base's is 0 already, and nothing is left to gain; give a benchmark that finds something";
  const isShared = metrics.every((metric) => metric > 0) || metrics.every((metric) => metric < 0);
  if (noise === 'exact' || isShared || minDifference !== undefined) return null;
  const shown = metrics.map((metric) => Number(metric.toPrecision(6))).join(' and ');
  return (
    `benchmark.minDifference: the base's metric is ${shown}, of which no share makes sense; ` +
    `set the difference in ${unit} that a commit needs`
  );
}
