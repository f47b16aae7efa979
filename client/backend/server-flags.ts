import type { Command } from 'commander';

export type { ServerFlags } from '../flags.ts';

/** Adds the flags of every command that talks to a server. */
export function addServerFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'the Temporal server')
    .option('--namespace <name>', 'its namespace')
    .option('--data <directory>', 'the data directory');
}
