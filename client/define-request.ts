import type { Command } from 'commander';
import type { ServerFlags } from './connection.ts';
import { request } from './request.ts';
import { addServerFlags } from './server-flags.ts';
import { withLoop } from './with-loop.ts';

/** A command that only passes its name on to a loop. */
export function defineRequest(command: Command, name: 'pause' | 'resume'): void {
  addServerFlags(command.argument('[id]', 'the loop (default: the only open one)')).action(
    async (id: string | undefined, flags: ServerFlags) => {
      process.stdout.write(await withLoop(id, flags, (loop) => request(loop, name)));
    },
  );
}
