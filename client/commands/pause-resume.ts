import type { Command } from 'commander';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { print } from '../terminal/progress.ts';
import { addLoopArgument, withLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';

/** Defines `pause` or `resume`, by the command's name: both only pass it on to a loop. */
export function define(command: Command): void {
  addServerFlags(addLoopArgument(command)).action(async (id: string | undefined, flags: ServerFlags) => {
    const verb = command.name() as 'pause' | 'resume';
    print(await withLoop(id, flags, (loop) => request(loop, verb)));
  });
}
