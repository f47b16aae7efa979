import type { Command } from 'commander';
import { withReached } from '../backend/reach.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { addLoopArgument, findLoop } from '../loops/loops.ts';
import { request } from '../loops/request.ts';
import { createProgress, print } from '../terminal/progress.ts';

/** Defines `pause`, `resume` or `hint`, by the command's name: each is only passed on to a loop. */
export function define(command: Command): void {
  const verb = command.name() as 'pause' | 'resume' | 'hint';
  if (verb !== 'hint')
    return void addServerFlags(addLoopArgument(command)).action((id: string | undefined, flags: ServerFlags) =>
      steer(id, verb, {}, flags),
    );
  command.argument('<id>', 'the loop').argument('<text>', 'one line, at most 500 characters; "" takes a hint back');
  addServerFlags(command)
    .addHelpText('after', "\nEvery brief carries the hint, as a person's words, until another takes its place.")
    .action((id: string, text: string, flags: ServerFlags) => steer(id, verb, { text }, flags));
}

async function steer(
  id: string | undefined,
  verb: 'pause' | 'resume' | 'hint',
  input: { text?: string },
  flags: ServerFlags,
): Promise<void> {
  await withReached(flags, createProgress().line, async ({ client }) =>
    print(await request(await findLoop(client, id), verb, input)),
  );
}
