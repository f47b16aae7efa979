import type { Command } from 'commander';
import { addOverrideFlags, readLoop, type OverrideFlags } from '../loops/loop-file.ts';
import { runLoop, type RunFlags } from '../loops/run-loop.ts';
import { addAllowFlags } from '../loops/run-settings.ts';
import { addServerFlags } from '../backend/server-flags.ts';
import { checkId } from '../loops/start-loop.ts';

export function define(command: Command): void {
  command
    .argument('[path]', 'a directory with a loop.json, or such a file', '.')
    .option('--id <name>', "the loop's id (default: from repository and config)");
  addOverrideFlags(command);
  addAllowFlags(
    command
      .option('--detach', 'start the loop and return; "attach" shows it')
      .option('--foreground', 'keep server and worker in this process tree: Ctrl-C pauses the loop and ends all')
      .option(
        '--json',
        'print each event, and at the end the report, as a line of JSON; progress goes to standard error',
      )
      .option('--quiet', 'print the report alone'),
  );
  addServerFlags(command)
    .addHelpText(
      'after',
      `
Where no Temporal server answers and none was named, one is started with its database in the data directory.
This loop may reach what --allow-… and --command-source say, and settings.json in the data directory.
Server and worker are kept by a daemon, which ends some minutes after its last loop, or by "down".
Ctrl-C or a closed terminal detaches: the loop goes on, and "attach" or the same command shows it again.
With --foreground, for services: Ctrl-C pauses the loop and ends all; the same command goes on.
Exit codes: 0 the loop ended, 1 refused, failed, or nothing could be measured, 2 wrong command line, 3 no sandbox, 130 interrupted.`,
    )
    .action(async (path: string, flags: RunFlags & OverrideFlags) => {
      checkId(flags.id);
      await runLoop(readLoop(path === '.' ? undefined : path, flags), flags);
    });
}
