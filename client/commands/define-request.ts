import type { Command } from 'commander';
import type { ServerFlags } from '../backend/connection.ts';
import { request } from '../loops/request.ts';
import { addServerFlags } from '../backend/server-flags.ts';
import { withLoop } from '../loops/with-loop.ts';
import { print } from '../terminal/screen.ts';

/** A command that only passes its name on to a loop. */
export function defineRequest(command: Command, name: 'pause' | 'resume'): void {
  addServerFlags(command.argument('[id]', 'the loop (default: the only open one)')).action(
    async (id: string | undefined, flags: ServerFlags) => {
      print(await withLoop(id, flags, (loop) => request(loop, name)));
    },
  );
}
