import type { Command } from 'commander';
import type { ServerFlags } from '../flags.ts';
import { quoteWords } from '../../domain/text.ts';

export type { ServerFlags };

/** Adds the flags of every command that talks to a server. */
export function addServerFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'the Temporal server')
    .option('--namespace <name>', 'its namespace')
    .option('--data <directory>', 'the data directory');
}

/** Returns the flags that another command needs to reach the same server, with a blank before them. */
export function serverWords({ address, namespace, data }: ServerFlags): string {
  const words = Object.entries({ address, namespace, data }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  return words.length > 0 ? ` ${quoteWords(words)}` : '';
}
