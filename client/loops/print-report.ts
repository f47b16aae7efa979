import { renderReport, report } from '../../domain/ledger/report.ts';
import { toBlock, toJsonLine } from '../../domain/text.ts';
import { placeOfChampion } from '../report/read-report.ts';
import { print } from '../terminal/progress.ts';
import { readLedgerOf } from './ledgers.ts';
import { noLedger } from './which-ledger.ts';

/** Prints a loop's report from the ledger in its repository, as text or as JSON. */
export async function printReport(repository: string, loopId: string, json: boolean): Promise<void> {
  const ledger = await readLedgerOf(repository, loopId);
  if (!ledger) throw noLedger('report', { repository, loopId });
  const facts = report(loopId, ledger.records, ledger.headToHead?.result ?? null, ledger.plan);
  print(json ? toJsonLine({ type: 'report', ...facts }) : toBlock(`\n${renderReport(facts)}`, Infinity));
  const branch = ledger.plan?.branch;
  if (json || !branch || facts.committed === 0) return;
  const place = await placeOfChampion(repository, loopId, branch);
  const base = ledger.plan?.baseSha.slice(0, 10) ?? '';
  print(toBlock(`Branch: ${place}\n  git diff ${base}..${place}\n  git merge ${place}\n`));
}
