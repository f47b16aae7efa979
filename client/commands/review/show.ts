import type { Command } from 'commander';
import { renderIteration, type WholeRecord } from '../../../domain/ledger/iteration-text.ts';
import { toJsonLine } from '../../../domain/text.ts';
import { addServerFlags, type ServerFlags } from '../../backend/server-flags.ts';
import { readWholeRecordOf } from '../../loops/ledgers.ts';
import { addRepositoryFlag, noLedger, whichLedger } from '../../loops/which-ledger.ts';
import { CommandError, exitCodes } from '../../terminal/command-error.ts';
import { print } from '../../terminal/progress.ts';

export interface LedgerFlags extends ServerFlags {
  loop?: string;
  repository?: string;
  json?: true;
}

export function define(command: Command): void {
  command.argument('<iteration>', 'its number');
  addLedgerFlags(command)
    .option('--json', 'print record, diff, samples, prompts and answers as JSON')
    .addHelpText(
      'after',
      `
Outcome and reason in plain words, figures, costs, the diff, all pairs, and each prompt with its answer as it came.
The ledger lies in the repository: no server is needed. The pairs can be judged again ("decide").`,
    )
    .action(async (iteration: string, flags: LedgerFlags) => {
      const whole = await findIteration(toIteration(iteration), flags);
      print(flags.json ? toJsonLine(whole) : renderIteration(whole));
    });
}

/** Adds the flags that name a loop by its ledger. */
export function addLedgerFlags(command: Command): Command {
  command.option('--loop <id>', 'the loop (default: the one whose ledger is the newest in the repository)');
  return addServerFlags(addRepositoryFlag(command));
}

/** Reads all that is known of an iteration. @throws CommandError where there is no such record */
export async function findIteration(iteration: number, flags: LedgerFlags): Promise<WholeRecord> {
  const { repository, loopId } = await whichLedger(flags.loop, flags);
  const found = await readWholeRecordOf(repository, loopId, iteration);
  if (found === 'no ledger') throw noLedger('loop', { repository, loopId });
  if (found === null)
    throw new CommandError(
      `iteration: ${iteration} of loop "${loopId}" has no record; "npx karpathy-loop report ${loopId}" lists those that have one`,
    );
  return found;
}

/** @throws CommandError for what is no number of an iteration */
export function toIteration(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new CommandError(`iteration: "${text}" is not a number from 1 on; give that of the report`, exitCodes.usage);
  return Number(text);
}
