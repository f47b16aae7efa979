import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleSummary,
} from '@temporalio/client';
import type { Command } from 'commander';
import { workflowTypes } from '../../domain/names.ts';
import { line, toBlock } from '../../domain/text.ts';
import { targetOf, withClient } from '../backend/connection.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { addOverrideFlags, readLoop, type OverrideFlags } from '../loops/loop-file.ts';
import { checkPolled, queueFor } from '../loops/loops.ts';
import { checkId } from '../loops/start-loop.ts';
import { CommandError } from '../terminal/command-error.ts';
import { print } from '../terminal/progress.ts';

interface CreateFlags extends ServerFlags, OverrideFlags {
  id: string;
  cron: string;
  timezone?: string;
  worker?: string;
}

export function define(command: Command): void {
  const create = command
    .command('create')
    .description('start a loop again and again: each goes on from what the one before has committed')
    .argument('[path]', 'a directory with a loop.json, or such a file', '.')
    .requiredOption('--id <name>', 'the id of the schedule; each loop gets it with the time of its start')
    .requiredOption('--cron <expression>', 'when, as "0 22 * * *"')
    .option('--timezone <name>', 'of the expression (default: UTC)')
    .option('--worker <id>', "the worker to start on (default: any for a URL, the data directory's own for a path)");
  addServerFlags(addOverrideFlags(create)).action(createSchedule);
  const list = command.command('list').description('list the schedules of loops');
  addServerFlags(list).action((flags: ServerFlags) => withClient(targetOf(flags), listSchedules));
  const remove = command.command('delete').description('delete a schedule; a loop that runs goes on');
  addServerFlags(remove.argument('<id>', 'the schedule')).action(deleteSchedule);
}

async function createSchedule(path: string, { id, cron, timezone, ...flags }: CreateFlags): Promise<void> {
  checkId(id);
  const loop = readLoop(path === '.' ? undefined : path, flags);
  const { repository, base, continues = id } = loop.config;
  const taskQueue = queueFor(repository, flags);
  await withClient(targetOf(flags), async (client) => {
    await checkPolled(client, taskQueue);
    const options: ScheduleOptions = {
      scheduleId: id,
      spec: { cronExpressions: [cron], ...(timezone && { timezone }) },
      // Two of them would try the same, and wait for one machine.
      policies: { overlap: 'SKIP' },
      action: {
        type: 'startWorkflow',
        workflowType: workflowTypes.loop,
        workflowId: id,
        taskQueue,
        args: [{ ...loop.written, continues }],
        memo: { repository },
        staticSummary: `Improve ${repository} from ${base} on, with what ${continues} has committed before`,
      },
    };
    const handle = await client.schedule.create(options).catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw new CommandError(`--id: schedule "${id}" is there already; delete it first, or give another --id`);
    });
    const { info } = await handle.describe();
    const next = info.nextActionTimes[0]?.toISOString() ?? 'never';
    print(toBlock(line`scheduled: ${id} on ${taskQueue}; the first loop begins at ${next}` + '\n'));
  });
}

async function listSchedules({ schedule }: Parameters<Parameters<typeof withClient>[1]>[0]): Promise<void> {
  for await (const summary of schedule.list()) {
    if (summary.action?.type === 'startWorkflow' && summary.action.workflowType === workflowTypes.loop)
      print(toBlock(`${describe(summary)}\n`));
  }
}

function describe({ scheduleId, state, info }: ScheduleSummary): string {
  const next = state.paused ? 'paused' : `next ${info.nextActionTimes[0]?.toISOString() ?? 'never'}`;
  const { action } = info.recentActions.at(-1) ?? {};
  return line`${scheduleId}: ${next}${action ? `, last loop ${action.workflow.workflowId}` : ''}`;
}

async function deleteSchedule(id: string, flags: ServerFlags): Promise<void> {
  await withClient(targetOf(flags), async (client) => {
    await client.schedule
      .getHandle(id)
      .delete()
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
        throw new CommandError(
          `schedule: there is no "${id}"; list those that are by "npx karpathy-loop schedule list"`,
        );
      });
  });
  print(toBlock(line`deleted: ${id}; a loop that it has started goes on` + '\n'));
}
