import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { renderReport } from '../../../domain/ledger/report.ts';
import { line, toBlock } from '../../../domain/text.ts';
import { whichLedger } from '../../loops/which-ledger.ts';
import type { ServerFlags } from '../../backend/server-flags.ts';
import { headOfLedger } from '../../loops/ledgers.ts';
import { askingNow } from '../../report/now.ts';
import { readOrEmpty, type ReportFacts } from '../../report/read-report.ts';
import { CommandError, exitCodes } from '../../terminal/command-error.ts';
import { onInterrupt } from '../../terminal/interrupt.ts';
import { print } from '../../terminal/progress.ts';
import { addReportArguments } from './report.ts';

interface WatchFlags extends ServerFlags {
  repository?: string;
  web?: true;
  port?: number;
}

/** Between two looks at the ledger. */
const pollMs = 2_000;

export function define(command: Command): void {
  addReportArguments(
    command
      .option('--web', 'serve the page of "report --html" on this machine, where it brings itself up to date')
      .option('--port <number>', 'with --web: its port on 127.0.0.1 (default: a free one)', toPort),
  )
    .addHelpText(
      'after',
      '\nPrints the report again whenever an iteration has ended. Ctrl-C ends it: the loop goes on.',
    )
    .action(watch);
}

function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new CommandError(`port: "${text}" is none; give a number up to 65535`, exitCodes.usage);
  return port;
}

async function watch(id: string | undefined, flags: WatchFlags): Promise<void> {
  const signal = onInterrupt();
  const { repository, loopId } = await whichLedger(id, flags);
  const states = reportStates(repository, loopId, signal);
  if (!flags.web) {
    for await (const { report } of states) print(toBlock(`\n${renderReport(report)}`, Infinity));
    return;
  }
  const now = await askingNow(flags, loopId);
  try {
    const { servePage } = await import('../../report/serve.ts');
    const { url, ended } = await servePage({ states, now: now.ask, port: flags.port ?? 0, signal });
    print(line`watch: the report is at ${url} and follows the loop; Ctrl-C ends this, and the loop goes on\n`);
    await ended;
  } finally {
    await now.close();
  }
}

/** Tells the report as it is, and again whenever the ledger has grown, until the signal aborts. */
async function* reportStates(
  repository: string,
  loopId: string,
  signal: AbortSignal,
): AsyncGenerator<ReportFacts, void> {
  let last: string | undefined;
  while (!signal.aborted) {
    // A look must cost the loop's own measurements nothing, however long the ledger is.
    if (last === undefined || (await headOfLedger(repository, loopId)) !== last) {
      const facts = await readOrEmpty(repository, loopId);
      if (facts.head !== last) yield facts;
      last = facts.head;
    }
    await sleep(pollMs, null, { signal }).catch(() => null);
  }
}
