import { beyondRatios, median, toSample, type DecisionPolicy } from './decision.ts';

/** One run of a benchmark by every clock. */
export interface BenchmarkRun {
  /** In the benchmark's unit. */
  metric: number;
  /** The loop's own clocks of the command, in ms. */
  cpuMs: number;
  wallMs: number;
}

type Clock = keyof BenchmarkRun;

/** Differences between runs of one program, as a pair of them would show without any gain. */
export interface NoiseEstimate {
  /** 1.4826 MAD of the log ratios of consecutive runs; 0.05 is about 5 %. Null for a clock that is not there. */
  spread: Record<Clock, number | null> & { metric: number };
  quietest: Clock;
  /** Spread of the metric where k consecutive runs are taken for one, by their mean and by their best. */
  repeats: { runs: number; mean: number; best: number }[];
}

/** @param runs consecutive ones of one program, at least two */
export function noiseOf(
  runs: readonly BenchmarkRun[],
  { better, minDifference }: Pick<DecisionPolicy, 'better' | 'minDifference'>,
): NoiseEstimate {
  const values = (clock: Clock) => runs.map((run) => run[clock]);
  const own = (clock: Clock) => (values(clock).every((value) => value > 0) ? pairSpread(values(clock)) : null);
  const spread = {
    metric: pairSpread(values('metric'), { minDifference }),
    cpuMs: own('cpuMs'),
    wallMs: own('wallMs'),
  };
  const quietest = (['metric', 'cpuMs', 'wallMs'] as const).reduce((best, clock) =>
    (spread[clock] ?? Infinity) < spread[best]! ? clock : best,
  );
  const best = better === 'lower' ? Math.min : Math.max;
  // Fewer than five blocks give no spread.
  const sizes = [2, 4, 8].filter((size) => runs.length >= 5 * size);
  const repeats = sizes.map((size) => ({
    runs: size,
    mean: pairSpread(values('metric'), {
      size,
      minDifference,
      sum: (block) => block.reduce((sum, value) => sum + value, 0) / size,
    }),
    best: pairSpread(values('metric'), { size, minDifference, sum: (block) => best(...block) }),
  }));
  return { spread, quietest, repeats };
}

interface BlockOptions {
  /** Neighbouring runs that are summed up as one. */
  size?: number;
  sum?: (block: readonly number[]) => number;
  /** Scales differences, which are compared in place of ratios. */
  minDifference?: number | undefined;
}

/** Samples of each run and the one after it, as the rule takes them from a pair, but never infinite. @internal */
export function samplesBetween(
  values: readonly number[],
  { size = 1, sum = ([value]) => value!, minDifference }: BlockOptions = {},
): number[] {
  const scale = { better: 'lower', ...(minDifference !== undefined && { minDifference }) } as const;
  const blocks = values.slice(size - 1).map((_value, start) => sum(values.slice(start, start + size)));
  return blocks.slice(size).map((block, index) => Math.max(-beyondRatios, toSample([blocks[index]!, block], scale)));
}

function pairSpread(values: readonly number[], options?: BlockOptions): number {
  return spreadOf(samplesBetween(values, options));
}

/** Spread of samples without any gain: 1.4826 MAD. */
export function spreadOf(samples: readonly number[]): number {
  return 1.4826 * median(samples.map(Math.abs));
}
