import type { Better, Decision } from './decision.ts';

/** "12.3 % better" or "3.1 % worse", in the metric's own direction; `ratio` below 1 is a gain. */
export function gain(ratio: number, better: Better): string {
  const change = changeOf(ratio, better);
  return `${percent(change)} ${change >= 0 ? 'better' : 'worse'}`;
}

/** "+9.0 % to +16.0 %", in the metric's own direction; an end that was never refuted is "not determined". */
export function intervalText([low, high]: Decision['interval'], better: Better): string {
  const side = (end: number) => {
    if (Math.abs(Math.log(end)) > intervalLimit) return 'not determined';
    const change = changeOf(end, better);
    return `${change < 0 ? '-' : '+'}${percent(change)}`;
  };
  const sides = [side(high), side(low)];
  return sides.every((text) => text === 'not determined') ? 'not determined' : sides.join(' to ');
}

/** "12.3 %", without a sign. */
export function percent(share: number, digits = 1): string {
  return `${Math.abs(share * 100).toFixed(digits)} %`;
}

/** The rule searches the interval within exp(-5) and exp(5); an end there was not found. */
const intervalLimit = 5 - 1e-9;

function changeOf(ratio: number, better: Better): number {
  return better === 'lower' ? 1 - ratio : 1 / ratio - 1;
}
