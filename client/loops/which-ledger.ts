import type { ServerFlags } from '../flags.ts';
import { CommandError } from '../terminal/command-error.ts';
import { newestLedger, readLedgerOf } from './ledgers.ts';
import { repositoryArgument, toplevelOf } from './loop-file.ts';

/**
 * Finds a loop's repository by flag, by the working directory, else by what the server knows; and its id where none is given:
 * that of the newest ledger.
 */
export async function whichLedger(
  id: string | undefined,
  flags: ServerFlags & { repository?: string },
): Promise<{ repository: string; loopId: string }> {
  const here = flags.repository ? repositoryArgument(flags.repository) : toplevelOf(process.cwd());
  const loopId = id ?? (here ? await newestLedger(here) : undefined);
  if (!loopId)
    throw new CommandError(
      `report: ${here ?? process.cwd()} has no ledger; give a loop's id, or its repository with --repository`,
    );
  const isHere = here !== undefined && (await readLedgerOf(here, loopId)) !== null;
  // Temporal's client is loaded for this alone: the server also knows why a loop never began.
  const ask = async () => (await import('./where-is.ts')).whereIs(loopId, flags);
  return { repository: isHere || flags.repository ? here! : await ask(), loopId };
}
