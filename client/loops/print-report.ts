import { readLoopRefs, refNames } from '../../ledger/refs.ts';
import { renderReport, report } from '../../domain/ledger/report.ts';
import { toBlock, toJsonLine } from '../../domain/text.ts';
import { print } from '../terminal/progress.ts';
import { CommandError } from '../terminal/command-error.ts';
import { readLedgerOf } from './ledgers.ts';

/** Prints a loop's report from the ledger in its repository, as text or as JSON. */
export async function printReport(repository: string, loopId: string, json: boolean): Promise<void> {
  const ledger = await readLedgerOf(repository, loopId);
  if (!ledger)
    throw new CommandError(
      `report: ${repository} has no ledger of loop "${loopId}"; give its repository with --repository`,
    );
  const facts = report(loopId, ledger.records, ledger.headToHead?.result ?? null);
  print(json ? toJsonLine(facts) : toBlock(`\n${renderReport(facts)}`, Infinity));
  const branch = ledger.plan?.branch;
  if (json || !branch || facts.committed === 0) return;
  const place = (await championRef(repository, loopId, branch)) ?? branch;
  print(
    toBlock(
      `Branch: ${place}\n  git diff ${ledger.plan?.baseSha.slice(0, 10) ?? ''}..${place}\n  git merge ${place}\n`,
    ),
  );
}

/** Returns the ref where the champion waits while the branch is checked out; null where the branch has it. */
async function championRef(repository: string, loopId: string, branch: string): Promise<string | null> {
  const { champion } = await readLoopRefs(repository, refNames(loopId, branch));
  return champion && refNames(loopId, branch).champion;
}
