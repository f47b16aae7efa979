import type { BenchmarkFacts } from '../benchmark/facts.ts';

/** CPU time of the measured part of a run, in ms, that tells a gain and leaves a verdict short. */
const aimMs = 400;
const [leastMs, mostMs] = [150, 1_200];

interface Run extends Pick<BenchmarkFacts, 'cpuMs' | 'metric'> {
  startUp: Pick<BenchmarkFacts['startUp'], 'cpuMs'>;
  /** Unit of the metric. */
  unit: string;
}

/** How often a run should repeat its work, to two digits; null where it is well as it is. @param count what it is now */
export function workCount({ cpuMs, metric, startUp, unit }: Run, count: number): number | null {
  const ms = Math.max(unit === 'ms' ? metric : cpuMs - startUp.cpuMs, 0.1);
  if (ms >= leastMs && ms <= mostMs) return null;
  const wanted = Math.max(1, (count * aimMs) / ms);
  return Math.min(10_000_000, Number(wanted.toPrecision(wanted < 10 ? 1 : 2)));
}
