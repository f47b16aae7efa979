import type { Command } from 'commander';
import { toBlock } from '../../domain/text.ts';
import { bringParts, parts, type Part } from '../backend/parts.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { completions } from '../terminal/completion.ts';
import { print } from '../terminal/progress.ts';

/** Defines `setup` or `completion`, by the command's name: each is typed once on a machine. */
export function define(command: Command): void {
  if (command.name() === 'completion')
    return void command
      .argument('<shell>', Object.keys(completions).join(', '))
      .action((shell: string) => complete(command, shell));
  command
    .argument('[parts...]', `${parts.join(', ')} (default: all)`)
    .addHelpText(
      'after',
      `
Each part that is missing is brought to ~/.cache/karpathy-loop; what is there is left alone. "run" brings what it needs by itself.`,
    )
    .action((names: Part[]) => bringParts(names.length > 0 ? names : parts));
}

/** Needs every command defined, not the called one alone. */
function complete(command: Command, shell: string): void {
  const write = Object.hasOwn(completions, shell) && completions[shell as keyof typeof completions];
  if (!write) throw new CommandError(`completion: "${shell}" is none of bash, zsh, fish`, exitCodes.usage);
  const known = command.parent!.commands.map((one) => ({
    name: one.name(),
    description: one.description(),
    options: one.options.flatMap(({ long, description }) => (long ? [{ flag: long, description }] : [])),
  }));
  print(toBlock(write(known), Infinity));
}
