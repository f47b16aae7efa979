import { parseRecord } from '../../domain/ledger/record.ts';
import { renderReport, report } from '../../domain/ledger/report.ts';
import { madeUpRecords } from './made-up.ts';
import type { Part } from './parts.ts';

/** Reads the records of a long loop and renders its report. */
export function ledger(random: () => number): Part {
  const records = madeUpRecords(random, 1_000, ['src/sort.ts', 'src/merge.ts']).map((one) => JSON.stringify(one));
  return { repeats: 20, run: () => [renderReport(report('made-up', records.map(parseRecord), null))] };
}
