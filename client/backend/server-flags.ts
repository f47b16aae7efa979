import type { Command } from 'commander';
import { Option } from 'commander';

/** The flags of every command that talks to a server. */
export function addServerFlags(command: Command): Command {
  return command
    .addOption(new Option('--address <host:port>', 'the Temporal server'))
    .addOption(new Option('--namespace <name>', 'its namespace'))
    .addOption(new Option('--data <directory>', 'the data directory'));
}
