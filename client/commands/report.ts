import type { Command } from 'commander';
import { printReport } from '../loops/print-report.ts';
import { whichLedger } from '../loops/which-ledger.ts';
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
  const { repository, loopId } = await whichLedger(id, flags);
  await printReport(repository, loopId, flags.json === true);
}
