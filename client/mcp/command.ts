import { Option, type Command } from 'commander';
import { addServerFlags } from '../backend/server-flags.ts';
import { addAllowFlags } from '../loops/run-settings.ts';
import type { McpFlags } from './tools.ts';

export function define(command: Command): void {
  const append = (value: string, all: string[]) => [...all, value];
  command.addOption(
    new Option('--repository <path-or-url>', 'a repository that loops may be started on')
      .default([], 'none')
      .argParser(append),
  );
  addServerFlags(addAllowFlags(command))
    .addHelpText(
      'after',
      `
A server of the Model Context Protocol, with the tools init, doctor, start, status, why, show, hint and stop.
They reach what this command line and settings.json in the data directory allow, and no tool can allow more.`,
    )
    .action(async (flags: McpFlags) => {
      // The protocol is loaded for this alone.
      const { serve } = await import('./server.ts');
      await serve(flags, command.parent?.version() ?? '');
    });
}
