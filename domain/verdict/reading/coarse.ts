import type { LoopConfig } from '../../config/loop-config.ts';
import { median } from '../decision.ts';
import { percent } from '../gain.ts';
import { unitKind } from './unit.ts';

/** From this many runs on, zeros at the end of all of them are no chance. */
const enoughRuns = 3;

/**
 * Doubts a time or a rate whose last digit is a larger step than the gain that is asked for.
 * @param values of the base's runs, in the benchmark's unit
 */
export function coarseMetric(
  values: readonly number[],
  {
    benchmark: { unit, noise, metric, minDifference },
    minImprovement,
  }: Pick<LoopConfig, 'benchmark' | 'minImprovement'>,
): { fact: string; remedy: string } | null {
  if (!metric || noise === 'exact' || unitKind(unit).kind === 'other' || values.length === 0) return null;
  const step = 10 ** -Math.max(...values.map((value) => decimalsOf(value, values.length >= enoughRuns)));
  const typical = Math.abs(median(values));
  if (step <= (minDifference ?? minImprovement * typical)) return null;
  const fact = `the metric is about ${typical} ${unit} in steps of ${step}, too coarse for a gain of ${minDifference ?? percent(minImprovement)}`;
  return { fact, remedy: 'measure more work, or print more digits' };
}

/** Digits behind the point; negative for zeros before it. */
function decimalsOf(value: number, countsZeros: boolean): number {
  const [, digits = '', exponent = '0'] = /^[^.e]*(?:\.(\d+))?(?:e([-+]\d+))?$/.exec(String(value)) ?? [];
  if (digits !== '' || exponent !== '0') return digits.length - Number(exponent);
  const [zeros] = /0*$/.exec(String(value))!;
  return countsZeros && value !== 0 ? -zeros.length : 0;
}
