import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { line } from '../../../domain/text.ts';
import { printReport } from '../../loops/print-report.ts';
import { addRepositoryFlag, noLedger, whichLedger } from '../../loops/which-ledger.ts';
import { addServerFlags, type ServerFlags } from '../../backend/server-flags.ts';
import { readReport, type ReportFacts } from '../../report/read-report.ts';
import { CommandError } from '../../terminal/command-error.ts';
import { print } from '../../terminal/progress.ts';

interface ReportFlags extends ServerFlags {
  repository?: string;
  json?: true;
  html?: string | true;
  markdown?: true;
}

export function define(command: Command): void {
  addReportArguments(command)
    .addOption(
      new Option('--json', 'print the records and what follows from them as JSON').conflicts(['html', 'markdown']),
    )
    .addOption(
      new Option(
        '--html [file]',
        'write a page with pictures, pairs and diffs, which needs no network (default: <id>.html here; "-": standard output)',
      ).conflicts('markdown'),
    )
    .option('--markdown', 'print text for a pull request, with the evidence of each commit')
    .addHelpText('after', '\nThe ledger lies in the repository: no server is needed.')
    .action(tell);
}

/** Adds what names a loop by its ledger. */
export function addReportArguments(command: Command): Command {
  command.argument('[id]', 'the loop (default: the one whose ledger is the newest in the repository)');
  return addServerFlags(addRepositoryFlag(command));
}

async function tell(id: string | undefined, flags: ReportFlags): Promise<void> {
  const { repository, loopId } = await whichLedger(id, flags);
  if (!flags.html && !flags.markdown) return printReport(repository, loopId, flags.json === true);
  const facts = await readReport(repository, loopId);
  if (!facts) throw noLedger('report', { repository, loopId });
  if (flags.markdown) return void print((await import('../../report/markdown.ts')).reportMarkdown(facts));
  await writePage(facts, flags.html === true ? `${loopId.replaceAll('/', '-')}.html` : flags.html!);
}

async function writePage(facts: ReportFacts, file: string): Promise<void> {
  // Pictures and colours take a moment to load, which no other report needs.
  const page = await (await import('../../report/page.ts')).reportPage(facts);
  if (file === '-') return void process.stdout.write(page);
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new CommandError(`report: ${file} cannot be written (${(error as Error).message}); give another file`);
  }
  print(line`report: ${resolve(file)} (${Math.ceil(page.length / 1024)} KiB)\n`);
}
