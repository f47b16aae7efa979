import type { Command } from 'commander';
import { CommandError } from '../terminal/command-error.ts';
import { newestLedger, readLedgerOf } from '../loops/ledgers.ts';
import { repositoryArgument, toplevelOf } from '../loops/loop-file.ts';
import { printReport } from '../loops/print-report.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';

interface ReportFlags extends ServerFlags {
  repository?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('[id]', 'the loop (default: the one whose ledger is the newest in the repository)')
    .option(
      '--repository <path-or-url>',
      "the loop's repository (default: the one around the working directory, else what the server knows)",
    )
    .option('--json', 'print the records and what follows from them as JSON');
  addServerFlags(command)
    .addHelpText('after', '\nThe ledger lies in the repository: no server is needed.')
    .action(print);
}

async function print(id: string | undefined, flags: ReportFlags): Promise<void> {
  const here = flags.repository ? repositoryArgument(flags.repository) : toplevelOf(process.cwd());
  const loopId = id ?? (here ? await newestLedger(here) : undefined);
  if (!loopId)
    throw new CommandError(
      `report: ${here ?? process.cwd()} has no ledger; give a loop's id, or its repository with --repository`,
    );
  const isHere = here !== undefined && (await readLedgerOf(here, loopId)) !== null;
  // Temporal's client is loaded for this alone: the server also knows why a loop never began.
  const ask = async () => (await import('../loops/where-is.ts')).whereIs(loopId, flags);
  await printReport(isHere || flags.repository ? here! : await ask(), loopId, flags.json === true);
}
