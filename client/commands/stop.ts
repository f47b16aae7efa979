import type { Command } from 'commander';
import { line } from '../../domain/text.ts';
import { withReached } from '../backend/reach.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { follow } from '../loops/follow.ts';
import { addLoopArgument, findLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { createProgress, print } from '../terminal/progress.ts';

interface StopFlags extends ServerFlags {
  now?: true;
}

export function define(command: Command): void {
  addLoopArgument(command).option('--now', 'cancel the iteration under way too; it is rolled back');
  addServerFlags(command)
    .addHelpText('after', '\nWhere nothing is up, server and worker are brought up until the loop has ended.')
    .action(stop);
}

async function stop(id: string | undefined, { now, ...flags }: StopFlags): Promise<void> {
  const progress = createProgress();
  await withReached(flags, progress.line, async ({ client, lost, woken }) => {
    const loop = await findLoop(client, id);
    const said = await request(loop, 'stop', now && { now });
    if (!woken) return void print(said);
    progress.line(line`stopping ${loop.loopId}, with a server and a worker brought up for it`);
    const { stop: reason } = await Promise.race([follow({ ...loop, progress, from: null }), lost]);
    progress.line(line`ended: ${reason ?? 'done'}`);
  });
}
