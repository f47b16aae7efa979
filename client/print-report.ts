import { renderReport, report } from '../domain/report.ts';
import { CommandError } from './command-error.ts';
import { readRecords } from './ledgers.ts';

/** Prints a loop's report from the ledger in its repository, as text or as JSON. */
export async function printReport(repository: string, loopId: string, json: boolean): Promise<void> {
  const records = await readRecords(repository, loopId);
  if (!records) throw new CommandError(`report: ${repository} has no ledger of loop "${loopId}"; give its repository with --repository`);
  const facts = report(loopId, records);
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : `\n${renderReport(facts)}`);
}
