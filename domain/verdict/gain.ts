import { beyondRatios, differenceOf, type Decision, type DecisionPolicy, type ReportedGain } from './decision.ts';

/** What turns a ratio into words. */
export type GainTerms = Pick<DecisionPolicy, 'better' | 'minDifference'>;

/** "12.3 % better", "3.1 % worse" or "unchanged", in the metric's own direction; `ratio` below 1 is a gain. */
export function gain(ratio: number, terms: GainTerms, digits = 1): string {
  if (ratio === 1) return 'unchanged';
  return `${size(ratio, terms, digits)} ${ratio < 1 ? 'better' : 'worse'}`;
}

/** "+9.0 % to +16.0 %", in the metric's own direction; an end that was never refuted is "not determined". */
export function intervalText([low, high]: Decision['interval'], terms: GainTerms): string {
  const side = (end: number) => {
    if (low !== high && isOpen(end, terms)) return 'not determined';
    return `${end > 1 ? '-' : '+'}${size(end, terms)}`;
  };
  const sides = [side(high), side(low)];
  return sides.every((text) => text === 'not determined') ? 'not determined' : sides.join(' to ');
}

/** "12.3 %", or the difference that a sample stands for, without a sign. */
export function sizeOf(sample: number, { minDifference }: GainTerms, digits = 1): string {
  return minDifference === undefined
    ? percent(sample, digits)
    : size(Math.exp(sample), { better: 'lower', minDifference });
}

/** "12.3 %", without a sign. */
export function percent(share: number, digits = 1): string {
  return `${Math.abs(share * 100).toFixed(digits)} %`;
}

/** The interval's ends where none was found; no share is better than 100 %. */
function isOpen(end: number, { better, minDifference }: GainTerms): boolean {
  if (end === 0) return better === 'higher' || minDifference !== undefined;
  return end === Number.MAX_VALUE || Math.abs(Math.abs(Math.log(end)) - 5) < 1e-9;
}

/** Gain in per cent, below 0 for a loss, rounded to a tenth; null where only differences make sense. */
export function gainPercent(ratio: number, { better, minDifference }: GainTerms): number | null {
  const change = Math.round(changeOf(ratio, better) * 1_000) / 10;
  return minDifference === undefined && Number.isFinite(change) ? change : null;
}

/** Returns the share of the champion's metric that is saved or won; below 0 for a loss. */
function changeOf(ratio: number, better: GainTerms['better']): number {
  return better === 'lower' ? 1 - ratio : 1 / ratio - 1;
}

/** Returns how much better a sample is, for a picture: per cent, or the difference; below 0 for a loss. */
export function betterBy(ratio: number, { better, minDifference }: GainTerms): number {
  return minDifference === undefined ? 100 * changeOf(ratio, better) : 0 - differenceOf(ratio, minDifference);
}

/** Changes of more than this are no share of anything: the champion's metric is about 0, or has another sign. */
const maxChange = 1e4;

function size(ratio: number, { better, minDifference }: GainTerms, digits = 1): string {
  if (minDifference !== undefined) {
    const difference = Number(Math.abs(differenceOf(ratio, minDifference)).toPrecision(4));
    return Math.abs(Math.log(ratio)) < beyondRatios - 1e-9 ? `${difference}` : `more than ${difference}`;
  }
  const change = Math.abs(changeOf(ratio, better));
  return change > maxChange ? `more than ${percent(maxChange, 0)}` : percent(change, digits);
}

/** "95 % +9.0 % to +16.0 %"; "exact" of a metric that is the same in each run. */
export function suretyText(interval: Decision['interval'], terms: GainTerms): string {
  return interval[0] === interval[1] ? 'exact' : `95 % ${intervalText(interval, terms)}`;
}

/** "12.3 % better (95 % +9.0 % to +16.0 %, 8 pairs)": a gain, its own interval, and the pairs of both. */
export function measuredText(
  { ratio, interval, pairs }: Omit<ReportedGain, 'isLoss' | 'text'>,
  terms: GainTerms,
): string {
  return `${gain(ratio, terms)} (${suretyText(interval, terms)}, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'})`;
}
