import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { line } from '../../domain/text.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { openBackend } from '../backend/backend.ts';
import { targetOf } from '../backend/connection.ts';
import { isServerAsleep } from '../backend/dev-server.ts';
import { lockRun } from '../backend/run-lock.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { follow } from '../loops/follow.ts';
import { addLoopArgument, findLoop, withLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { createProgress, print } from '../terminal/progress.ts';

interface StopFlags extends ServerFlags {
  now?: true;
}

export function define(command: Command): void {
  addLoopArgument(command).option('--now', 'cancel the iteration under way too; it is rolled back');
  addServerFlags(command)
    .addHelpText('after', '\nFor a loop that "run" has left paused, server and worker are started until it has ended.')
    .action(stop);
}

async function stop(id: string | undefined, { now, ...flags }: StopFlags): Promise<void> {
  const data = dataDirectory(flags.data);
  if (await isServerAsleep(data, targetOf(flags))) return stopAsleep(id, data, { now, ...flags });
  print(await withLoop(id, flags, (loop) => request(loop, 'stop', now && { now })));
}

async function stopAsleep(id: string | undefined, data: string, { now, ...flags }: StopFlags): Promise<void> {
  const unlock = await lockRun(data);
  const settings = dataPaths(data).runSettings;
  const progress = createProgress();
  const backend = await openBackend({ ...flags, data, say: progress.line, ...(existsSync(settings) && { settings }) });
  try {
    const loop = await findLoop(backend.client, id);
    await request(loop, 'stop', now && { now });
    progress.line(line`stopping ${loop.loopId}, with a server and a worker of its own`);
    const following = follow({ ...loop, progress, from: null });
    const { stop: reason } = await Promise.race([following, backend.lost]);
    progress.line(line`ended: ${reason ?? 'done'}`);
  } finally {
    await backend.close();
    await unlock();
  }
}
