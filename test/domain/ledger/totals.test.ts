import { expect, it } from 'vitest';
import { sumRecords } from '../../../domain/ledger/totals.ts';
import type { Outcome, Reason } from '../../../domain/ledger/record.ts';

const record = (iteration: number, outcome: Outcome, reason: Reason | null, seconds?: number) => ({
  iteration,
  outcome,
  reason,
  tokens: 10 * iteration,
  ...(seconds !== undefined && { seconds }),
});

it('Records add up as a running loop counts; a cancel neither counts as a failure in a row nor ends the row.', () => {
  const records = [
    record(1, 'failed', 'edit-refused', 5),
    record(2, 'committed', null, 60),
    record(3, 'failed', 'no-hypothesis', 1.5),
    record(5, 'failed', 'infrastructure'),
    record(4, 'failed', 'cancelled', 2),
  ];
  expect(sumRecords(records)).toEqual({
    committed: 1,
    rolledBack: 0,
    failed: 4,
    consecutiveFailures: 2,
    stagnation: 1,
    tokens: 150,
    seconds: 68.5,
    spent: { model: 0, benchmark: 0, waiting: 0 },
  });
  expect(sumRecords([...records, record(6, 'rolledBack', 'slower', 1)])).toMatchObject({
    rolledBack: 1,
    consecutiveFailures: 0,
    seconds: 69.5,
  });
  expect(sumRecords([])).toEqual({
    committed: 0,
    rolledBack: 0,
    failed: 0,
    consecutiveFailures: 0,
    stagnation: 0,
    tokens: 0,
    seconds: 0,
    spent: { model: 0, benchmark: 0, waiting: 0 },
  });
});

it('Times add up by where they went, and what brings nothing new counts in a row, whatever the machine did between.', () => {
  const spent = (model: number) => ({ model, benchmark: 2 * model, waiting: 100 });
  const records = [
    { ...record(1, 'rolledBack', 'slower'), spent: spent(1) },
    { ...record(2, 'rolledBack', 'duplicate'), spent: spent(2) },
    { ...record(3, 'failed', 'infrastructure'), spent: spent(3) },
    record(4, 'failed', 'edit-refused'),
  ];
  expect(sumRecords(records)).toMatchObject({ stagnation: 2, spent: { model: 6, benchmark: 12, waiting: 300 } });
  expect(sumRecords([...records, record(5, 'rolledBack', 'tests-failed')])).toMatchObject({ stagnation: 0 });
});
