import type { Command } from 'commander';
import { line } from '../../domain/text.ts';
import { withReached } from '../backend/reach.ts';
import { addServerFlags, serverWords, type ServerFlags } from '../backend/server-flags.ts';
import { failureLines } from '../loops/failure-lines.ts';
import { followOrLeave } from '../loops/follow.ts';
import { addLoopArgument, findLoop } from '../loops/loops.ts';
import { tellEnding, type EndedLoop } from '../loops/tell-ending.ts';
import { repositoryOf } from '../loops/where-is.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';

interface AttachFlags extends ServerFlags {
  json?: true;
  quiet?: true;
}

export function define(command: Command): void {
  addLoopArgument(command)
    .option('--json', 'print each event, and at the end the report, as a line of JSON; progress goes to standard error')
    .option('--quiet', 'print the report alone');
  addServerFlags(command)
    .addHelpText('after', '\nShows what "run" shows, to the report. Ctrl-C detaches: the loop goes on.')
    .action(attach);
}

async function attach(id: string | undefined, flags: AttachFlags): Promise<void> {
  const progress = createProgress(flags);
  const ended = await untilEnded(id, flags, progress);
  if (ended) return tellEnding(ended, progress, flags.json === true);
  progress.line(line`detached: the loop goes on; npx karpathy-loop attach${id ? ` ${id}` : ''}${serverWords(flags)}`);
  throw new CommandError([], exitCodes.interrupted);
}

/** Returns null where a person has detached before. */
async function untilEnded(id: string | undefined, flags: AttachFlags, progress: Progress): Promise<EndedLoop | null> {
  const signal = onInterrupt();
  return withReached(flags, progress.line, async ({ client: server, lost }) => {
    try {
      const found = await findLoop(server, id);
      const { client, loopId } = found;
      progress.line(line`loop      ${loopId}`);
      const options = { client, loopId, progress, isJson: flags.json === true, from: null, signal };
      const result = await followOrLeave(options, lost);
      return result && { repository: await repositoryOf(found), loopId, result };
    } catch (error) {
      throw error instanceof CommandError ? error : new CommandError(failureLines(error));
    } finally {
      progress.clear();
    }
  });
}
