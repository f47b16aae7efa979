import type { Command } from 'commander';
import { toBlock, toJsonLine } from '../../domain/text.ts';
import { print } from '../terminal/progress.ts';
import { targetOf, withClient } from '../backend/connection.ts';
import { addOverrideFlags, readLoop, type OverrideFlags } from '../loops/loop-file.ts';
import { checkPolled, queueFor } from '../loops/loops.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { checkId, startOrContinue } from '../loops/start-loop.ts';

interface StartFlags extends ServerFlags, OverrideFlags {
  id?: string;
  worker?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('[path]', 'a directory with a loop.json, or such a file', '.')
    .option('--id <name>', "the loop's id (default: from repository and config)")
    .option('--worker <id>', "the worker to start on (default: any for a URL, the data directory's own for a path)")
    .option('--json', 'print id, run id and queue as JSON');
  addServerFlags(addOverrideFlags(command)).action(start);
}

async function start(path: string, flags: StartFlags): Promise<void> {
  checkId(flags.id);
  const loop = readLoop(path === '.' ? undefined : path, flags);
  const queue = queueFor(loop.config.repository, flags);
  await withClient(targetOf(flags), async (client) => {
    await checkPolled(client, queue);
    const { loopId, runId, continued } = await startOrContinue(client, queue, loop, flags.id);
    const state = continued ? 'is open already' : 'started';
    const text = `${state}: ${loopId}\nfollow it: npx karpathy-loop status --follow ${loopId}\n`;
    print(flags.json ? toJsonLine({ loopId, runId, queue, continued }) : toBlock(text));
  });
}
