import type { Hypothesis } from '../proposal/hypothesis.ts';
import { toLine, type CleanLine } from '../text.ts';
import { timeText } from './spent.ts';

/** Tells how far an answer without a verdict came, in this order: "pairs" passed, and another was chosen. @internal */
export const screeningPlaces = ['answer', 'duplicate', 'edit', 'build', 'tests', 'benchmark', 'pairs'] as const;

/** An answer without a verdict, as the record keeps it. */
export interface Screened {
  /** Empty where it could not be read. */
  title: CleanLine;
  where: (typeof screeningPlaces)[number];
  detail: CleanLine;
  /** Working time that it took after it came. */
  seconds: number;
  /** Median over its pairs in the sense of `Decision.estimate`: never evidence. Absent without pairs. */
  ratio?: number;
  /** See `candidate.program` of the record. */
  program?: string;
}

/** Most in one record. */
const maxScreened = 24;

/** Cleans what is to be kept, or was: its text is a model's. */
export function cleanScreened(screened: readonly Screened[]): Screened[] {
  return screened
    .slice(0, maxScreened)
    .map((one) => ({ ...one, title: toLine(one.title), detail: toLine(one.detail, 400) }));
}

/** Result of screening one hypothesis. */
export interface ScreenResult {
  hypothesis: Hypothesis;
  where: Screened['where'];
  detail: string;
  seconds: number;
  tree: string | null;
  /** Null without pairs. */
  ratio: number | null;
  program: string | null;
}

/** Takes the most promising of those that passed by their pairs; of equals the smaller edit. Null: none has passed. */
export function mostPromising(results: readonly ScreenResult[]): ScreenResult | null {
  const size = ({ hypothesis }: ScreenResult) => JSON.stringify(hypothesis.edits).length;
  const passed = results.filter(({ where }) => where === 'pairs');
  return passed.sort((a, b) => (a.ratio ?? 1) - (b.ratio ?? 1) || size(a) - size(b))[0] ?? null;
}

/** Leaves the better half of those that still pass, by their pairs so far; both are places in `results`. */
export function betterHalf(results: readonly ScreenResult[], places: readonly number[]): number[] {
  const passed = places.filter((at) => results[at]!.where === 'pairs');
  const ratio = (at: number) => results[at]!.ratio ?? 1;
  return passed.sort((a, b) => ratio(a) - ratio(b)).slice(0, Math.ceil(passed.length / 2));
}

/** Takes the one that came furthest before it fell: a repair has most to work with there. */
export function furthest(results: readonly ScreenResult[]): ScreenResult {
  const rank = ({ where }: ScreenResult) => screeningPlaces.indexOf(where);
  return results.reduce((best, next) => (rank(next) > rank(best) ? next : best));
}

export function toScreened({ hypothesis, where, detail, seconds, ratio, program }: ScreenResult): Screened {
  const facts = { title: toLine(hypothesis.title), where, detail: toLine(detail, 400), seconds };
  return { ...facts, ...(ratio !== null && { ratio: Number(ratio.toPrecision(6)) }), ...(program && { program }) };
}

/** "2 at tests (4.2 s), 1 at pairs (9.0 s)": how many answers without a verdict came how far, and what that cost. */
export function screenedText(screened: readonly Pick<Screened, 'where' | 'seconds'>[]): CleanLine {
  const parts = screeningPlaces.flatMap((place) => {
    const those = screened.filter(({ where }) => where === place);
    const seconds = those.reduce((sum, one) => sum + one.seconds, 0);
    return those.length === 0 ? [] : [`${those.length} at ${place}${seconds > 0 ? ` (${timeText(seconds)})` : ''}`];
  });
  return toLine(parts.join(', '));
}
