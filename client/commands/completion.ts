import type { Command } from 'commander';
import { toBlock } from '../../domain/text.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { completions } from '../terminal/completion.ts';
import { print } from '../terminal/progress.ts';

/** Needs every command defined, not the called one alone. */
export function define(command: Command): void {
  command.argument('<shell>', Object.keys(completions).join(', ')).action((shell: string) => {
    const write = Object.hasOwn(completions, shell) && completions[shell as keyof typeof completions];
    if (!write) throw new CommandError(`completion: "${shell}" is none of bash, zsh, fish`, exitCodes.usage);
    const known = command.parent!.commands.map((one) => ({
      name: one.name(),
      description: one.description(),
      options: one.options.flatMap(({ long, description }) => (long ? [{ flag: long, description }] : [])),
    }));
    print(toBlock(write(known), Infinity));
  });
}
