import type { Command } from 'commander';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { withLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { print } from '../terminal/progress.ts';

export function define(command: Command): void {
  command.argument('<id>', 'the loop').argument('<text>', 'one line, at most 500 characters; "" takes a hint back');
  addServerFlags(command)
    .addHelpText('after', "\nEvery brief carries the hint, as a person's words, until another takes its place.")
    .action(async (id: string, text: string, flags: ServerFlags) => {
      print(await withLoop(id, flags, (loop) => request(loop, 'hint', { text })));
    });
}
