import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { targetOf, tryConnect, type ServerFlags } from '../backend/connection.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { follow } from '../loops/follow.ts';
import { findLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { createScreen, print } from '../terminal/screen.ts';
import { addServerFlags } from '../backend/server-flags.ts';
import type { LoopMemo } from '../loops/start-loop.ts';
import { openBackend } from '../backend/backend.ts';
import { lockRun } from '../backend/run-lock.ts';
import { withLoop } from '../loops/with-loop.ts';
import { dataPaths } from '../../store/layout.ts';
import { line } from '../../domain/text.ts';

interface StopFlags extends ServerFlags {
  now?: true;
}

export function define(command: Command): void {
  command
    .argument('[id]', 'the loop (default: the only open one)')
    .option('--now', 'cancel the iteration under way too; it is rolled back');
  addServerFlags(command)
    .addHelpText(
      'after',
      '\nA loop that "run" has left paused is ended with a server and a worker started for this alone.',
    )
    .action(stop);
}

async function stop(id: string | undefined, flags: StopFlags): Promise<void> {
  if (await isAsleep(flags)) return stopAsleep(id, flags);
  print(await withLoop(id, flags, (loop) => request(loop, 'stop', inputOf(flags))));
}

function inputOf({ now }: StopFlags): { now: boolean } | undefined {
  return now && { now };
}

/** Whether the loops of this data directory lie in the database of a dev server that ended with its `run`. */
async function isAsleep(flags: StopFlags): Promise<boolean> {
  const data = dataDirectory(flags.data);
  const target = targetOf(flags, data);
  if (target.explicit || !existsSync(dataPaths(data).serverDatabase)) return false;
  const connection = await tryConnect(target);
  await connection?.close();
  return connection === null;
}

async function stopAsleep(id: string | undefined, flags: StopFlags): Promise<void> {
  const data = dataDirectory(flags.data);
  const unlock = await lockRun(data);
  const settings = dataPaths(data).runSettings;
  const screen = createScreen(process.stdout);
  const backend = await openBackend({ ...flags, data, say: screen.line, ...(existsSync(settings) && { settings }) });
  try {
    const loop = await findLoop(backend.client, id);
    await request({ client: backend.client, ...loop }, 'stop', inputOf(flags));
    const { loopId, description } = loop;
    const { better = null } = (description.memo ?? {}) as Partial<LoopMemo>;
    screen.line(line`stopping ${loopId}, with a server and a worker of its own`);
    const { stop: reason } = await Promise.race([
      follow({ client: backend.client, loopId, screen, better, from: null }),
      backend.lost,
    ]);
    screen.line(line`ended: ${reason ?? 'done'}`);
  } finally {
    await backend.close();
    await unlock();
  }
}
