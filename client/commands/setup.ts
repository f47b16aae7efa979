import type { Command } from 'commander';
import { bringParts, parts, type Part } from '../backend/parts.ts';

export function define(command: Command): void {
  command
    .argument('[parts...]', `${parts.join(', ')} (default: all)`)
    .addHelpText(
      'after',
      `
Each part that is missing is brought to ~/.cache/karpathy-loop; what is there is left alone. "run" brings what it needs by itself.`,
    )
    .action((names: Part[]) => bringParts(names.length > 0 ? names : parts));
}
