/** Measures a clock's noise from one run to the next. */
import { maxPairs, median } from '../../domain/verdict/decision.ts';

export interface Spread {
  /** 1.4826 median absolute deviations of the log ratios of consecutive runs: their standard deviation, if they were normal. */
  whole: number;
  /** The same of the noisiest stretch of as many runs as one decision may take: a clock may be quiet at night and not by day. */
  worstStretch: number;
  /** Standard deviation of the log ratios. Jumps between levels show in it, and not in the median deviation. */
  deviation: number;
}

export function spreadOf(times: readonly number[]): Spread {
  const logRatios = times.slice(1).map((time, index) => Math.log(time / times[index]!));
  const stretch = 2 * maxPairs - 1;
  const stretches = Array.from({ length: logRatios.length - stretch + 1 }, (_, start) =>
    medianDeviation(logRatios.slice(start, start + stretch)),
  );
  const squares = logRatios.reduce((sum, logRatio) => sum + logRatio ** 2, 0);
  return {
    whole: medianDeviation(logRatios),
    worstStretch: Math.max(...stretches),
    deviation: Math.sqrt(squares / logRatios.length),
  };
}

function medianDeviation(logRatios: readonly number[]): number {
  const middle = median(logRatios);
  return 1.4826 * median(logRatios.map((logRatio) => Math.abs(logRatio - middle)));
}
