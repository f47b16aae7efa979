import type { Pair } from './decision.ts';

/** One run of each side. CPU and wall times are the loop's own, in ms. */
export interface MeasuredPair {
  /** The side that ran first. */
  first: Side;
  pair: Pair;
  cpuMs: Pair;
  wallMs: Pair;
  /** BENCH_SEED of both runs; null where they had none. */
  benchSeed: number | null;
  /** Times of a suite's members by name, in ns; absent where it has one alone. */
  members?: Readonly<Record<string, Pair>>;
}

export type Side = 'champion' | 'candidate';
