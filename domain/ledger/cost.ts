import { percent } from '../verdict/gain.ts';
import { timeText, type Spent } from './spent.ts';
import type { HeadToHead } from '../steps.ts';
import { outcomeTexts } from './reason-text.ts';
import { outcomes, type IterationRecord } from './record.ts';

/** What iterations took: tokens, and seconds. */
type Costs = Spent & { tokens: number; seconds: number };
type Counted = Pick<IterationRecord, 'outcome' | 'tokens' | 'seconds' | 'spent'>;

/** One line of the table of costs. */
export interface CostRow {
  what: string;
  iterations: number;
  costs: Costs;
}

/** Tells the costs of each outcome that there was, of all, and of a committed per cent where that is known. */
export function costRows(records: readonly Counted[], headToHead: HeadToHead | null): CostRow[] {
  const all = { what: 'all', iterations: records.length, costs: costsOf(records) };
  const each = perCent(all.costs, headToHead);
  return [
    ...outcomeRows(records),
    all,
    ...(each ? [{ what: 'each committed per cent', iterations: records.length, costs: each }] : []),
  ];
}

function outcomeRows(records: readonly Counted[]): CostRow[] {
  return outcomes.flatMap((outcome) => {
    const those = records.filter((record) => record.outcome === outcome);
    return those.length === 0 ? [] : [{ what: outcomeTexts[outcome], iterations: those.length, costs: costsOf(those) }];
  });
}

/**
 * Tells where a loop's tokens and time went, by outcome, and what each committed per cent cost.
 * @param headToHead what was gained in all; null: not measured
 */
export function costLines(records: readonly Counted[], headToHead: HeadToHead | null): string[] {
  if (!records.some(({ spent }) => spent)) return [];
  const all = costsOf(records);
  const kinds = outcomeRows(records).map(
    ({ what, iterations, costs }) => `  ${what} (${iterations}): ${costText(costs)}`,
  );
  const waiting = all.waiting >= 1 ? `; beside it ${timeText(all.waiting)} waiting for the machine` : '';
  return [`Cost: ${costText(all)}${waiting}`, ...kinds, ...perCentLine(all, headToHead)];
}

function costsOf(records: readonly Counted[]): Costs {
  const sum = (of: (record: Counted) => number | undefined) => records.reduce((all, one) => all + (of(one) ?? 0), 0);
  return {
    tokens: sum(({ tokens }) => tokens),
    seconds: sum(({ seconds }) => seconds),
    model: sum(({ spent }) => spent?.model),
    benchmark: sum(({ spent }) => spent?.benchmark),
    waiting: sum(({ spent }) => spent?.waiting),
  };
}

function perCentLine(all: Costs, headToHead: HeadToHead | null): string[] {
  const each = perCent(all, headToHead);
  return each ? [`Each per cent of the ${percent(1 - headToHead!.ratio)} saved cost ${costText(each)}`] : [];
}

/** Knows a gain as a share alone: a difference has no per cent. */
function perCent(all: Costs, headToHead: HeadToHead | null): Costs | null {
  const gained = headToHead && headToHead.minDifference === undefined ? 1 - headToHead.ratio : 0;
  if (gained <= 0) return null;
  const [share, each] = [100 * gained, {} as Costs];
  for (const part of ['tokens', 'seconds', 'model', 'benchmark', 'waiting'] as const) each[part] = all[part] / share;
  return each;
}

function costText({ tokens, seconds, model, benchmark }: Costs): string {
  return `${Math.round(tokens)} tokens, ${timeText(seconds)} (model ${timeText(model)}, benchmark ${timeText(benchmark)})`;
}
