import { expect, it } from 'vitest';
import { costLines, costRows } from '../../../domain/ledger/cost.ts';
import type { HeadToHead } from '../../../domain/steps.ts';
import type { Outcome } from '../../../domain/ledger/record.ts';

const record = (outcome: Outcome, tokens: number, seconds: number) => ({
  ...{ outcome, tokens, seconds },
  spent: { model: seconds / 4, benchmark: seconds / 2, waiting: 60 },
});
const headToHead: HeadToHead = {
  ...{ base: 'a', champion: 'b', pairs: 20, ratio: 0.8, interval: [0.7, 0.9], better: 'lower', unit: 'ms' },
};

it('Tokens and time are told by outcome, and by what each per cent saved cost; waiting stands beside them.', () => {
  const records = [record('committed', 1_000, 400), record('failed', 3_000, 40), record('committed', 1_000, 360)];
  expect(costLines(records, headToHead)).toEqual([
    'Cost: 5000 tokens, 13.3 min (model 3.3 min, benchmark 6.7 min); beside it 3.0 min waiting for the machine',
    '  committed (2): 2000 tokens, 12.7 min (model 3.2 min, benchmark 6.3 min)',
    '  failed (1): 3000 tokens, 40 s (model 10 s, benchmark 20 s)',
    'Each per cent of the 20.0 % saved cost 250 tokens, 40 s (model 10 s, benchmark 20 s)',
  ]);
});

it('Where nothing was gained, or a difference counts, there is no per cent; records of before tell nothing.', () => {
  const records = [record('rolledBack', 10, 5)];
  expect(costLines(records, null)).toHaveLength(2);
  expect(costLines(records, { ...headToHead, minDifference: 1 })).toHaveLength(2);
  expect(costLines([{ outcome: 'failed', tokens: 1 }], null)).toEqual([]);
});

it('Rows of the table add up: the outcomes to all, and the per cent that were gained to all again.', () => {
  const records = [record('committed', 1_000, 400), record('failed', 3_000, 40)];
  const rows = costRows(records, headToHead);
  expect(rows.map(({ what, iterations }) => `${what} ${iterations}`)).toEqual([
    'committed 1',
    'failed 1',
    'all 2',
    'each committed per cent 2',
  ]);
  const [committed, failed, all, each] = rows.map(({ costs }) => costs);
  for (const part of ['tokens', 'seconds', 'model', 'benchmark', 'waiting'] as const) {
    expect(committed![part] + failed![part]).toBe(all![part]);
    expect(each![part] * 20).toBeCloseTo(all![part], 9);
  }
  expect(costRows(records, null).map(({ what }) => what)).toEqual(['committed', 'failed', 'all']);
});
