import type { Command } from 'commander';
import type { ServerFlags } from '../flags.ts';
import { CommandError } from '../terminal/command-error.ts';
import { newestLedger, placeOfLedger } from './ledgers.ts';
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
  if (here && (flags.repository || (await placeOfLedger(here, loopId)))) return { repository: here, loopId };
  // Temporal's client is loaded for this alone: the server also knows why a loop never began.
  const { whereIs } = await import('./where-is.ts');
  return { repository: await whereIs(loopId, flags), loopId };
}

/** The error where a repository has no ledger of a loop. */
export function noLedger(
  subject: 'loop' | 'report',
  { repository, loopId }: { repository: string; loopId: string },
): CommandError {
  return new CommandError(
    `${subject}: ${repository} has no ledger of "${loopId}"; give its repository with --repository`,
  );
}

/** Adds the flag that names a loop's repository. */
export function addRepositoryFlag(command: Command): Command {
  return command.option(
    '--repository <path-or-url>',
    "the loop's repository (default: the one around the working directory, else what the server knows)",
  );
}
