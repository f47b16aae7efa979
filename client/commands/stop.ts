import type { Command } from 'commander';
import { line, toBlock, type CleanText } from '../../domain/text.ts';
import { withReached } from '../backend/reach.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { follow } from '../loops/follow.ts';
import { addLoopArgument, findLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { createProgress, print, type Progress } from '../terminal/progress.ts';

interface StopFlags extends ServerFlags {
  now?: true;
}

export function define(command: Command): void {
  addLoopArgument(command).option('--now', 'cancel the iteration under way too; it is rolled back');
  addServerFlags(command)
    .addHelpText('after', '\nWhere nothing is up, server and worker are brought up until the loop has ended.')
    .action(async (id: string | undefined, flags: StopFlags) => print(await stopLoop(id, flags, createProgress())));
}

/** Asks a loop to stop. Where its server sleeps, that is brought up until the loop has ended. Returns what the loop says. */
export async function stopLoop(
  id: string | undefined,
  { now, ...flags }: StopFlags,
  progress: Progress,
): Promise<CleanText> {
  return withReached(flags, progress.line, async ({ client, lost, woken }) => {
    const loop = await findLoop(client, id);
    const said = await request(loop, 'stop', now && { now });
    if (!woken) return said;
    progress.line(line`stopping ${loop.loopId}, with a server and a worker brought up for it`);
    const { stop: reason } = await Promise.race([follow({ ...loop, progress, from: null }), lost]);
    return toBlock(`ended: ${reason ?? 'done'}\n`);
  });
}
