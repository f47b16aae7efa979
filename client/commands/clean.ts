import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { isCheckedOut } from '../../adapters/git/worktrees.ts';
import { tryLock } from '../../adapters/lock.ts';
import { branchOf } from '../../domain/config/loop-config.ts';
import { parseIterationId, workflowTypes } from '../../domain/names.ts';
import { toBlock, toJsonLine, type CleanText } from '../../domain/text.ts';
import { refNames } from '../../ledger/refs.ts';
import { removeCloneRefs, removeRefs, removeUnusedClones } from '../../ledger/remove-refs.ts';
import { dataDirectory } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { readPlan, removeLoopFiles } from '../../store/loop-files.ts';
import { targetAt, targetOf, withClient } from '../backend/connection.ts';
import { isServerAsleep, startDevServer } from '../backend/dev-server.ts';
import { lockRun } from '../backend/run-lock.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { readLedgerOf } from '../loops/ledgers.ts';
import { describeLoop } from '../loops/loops.ts';
import { CommandError } from '../terminal/command-error.ts';
import { print } from '../terminal/progress.ts';

interface CleanFlags extends ServerFlags {
  refs?: true;
  branch?: true;
  repository?: string;
  json?: true;
}

export function define(command: Command): void {
  command
    .argument('<id>', 'the loop; it must have ended')
    .option('--refs', 'its refs in the repository too: the ledger, and with it all that "report" and "verify" know')
    .option('--branch', 'its results branch too, with the commits that no other branch has')
    .option('--repository <path>', "the loop's repository (default: what the data directory knows)")
    .option('--json', 'print what was removed as JSON');
  addServerFlags(command)
    .addHelpText(
      'after',
      `
Removes the loop's files in the data directory (journals, answers, trees) and its refs in the worker's clone.
The repository stays as it is unless --refs or --branch says so.`,
    )
    .action(cleanLoop);
}

async function cleanLoop(loopId: string, flags: CleanFlags): Promise<void> {
  const data = dataDirectory(flags.data);
  const isKnown = await refuseOpen(loopId, data, flags);
  const removed: string[] = [];
  if (flags.refs || flags.branch) {
    const { repository, names } = await planRefs(loopId, data, flags);
    removed.push(...(await removeRefs(repository, names)).map((name) => `${name} of ${repository}`));
  }
  removed.push(...(await removeLoopFiles(data, loopId)), ...(await removeCloneRefs(data, loopId)));
  const clones = await withoutWorker(data, () => removeUnusedClones(data));
  removed.push(...(clones ?? []));
  const hint = 'clones that no loop uses: a worker runs on this data directory; end it and clean again';
  const kept = clones ? [] : [hint];
  if (!isKnown && removed.length === 0)
    throw new CommandError(`loop: neither this server nor ${data} knows "${loopId}"; give the id of an ended loop`);
  print(flags.json ? toJsonLine({ loopId, removed, kept }) : render(removed, kept));
}

/** Tells whether the server knows the loop. @throws CommandError where it is open, or an iteration of it still is */
async function refuseOpen(loopId: string, data: string, flags: ServerFlags): Promise<boolean> {
  return withServer(data, flags, async (client) => {
    const loop = await describeLoop(client, loopId);
    if (loop && loop.type !== workflowTypes.loop)
      throw new CommandError(`loop: "${loopId}" is a workflow of type ${loop.type}; give the id of a loop`);
    if (loop?.status.name === 'RUNNING' || (await hasOpenIteration(client, loopId)))
      throw new CommandError(
        `loop: "${loopId}" is open; type "npx karpathy-loop stop ${loopId}" and wait until it has ended`,
      );
    return loop !== null;
  });
}

/** An iteration may still be rolled back after its loop was terminated. */
async function hasOpenIteration(client: Client, loopId: string): Promise<boolean> {
  const query = `WorkflowType = "${workflowTypes.iteration}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query }))
    if (parseIterationId(workflowId)?.loopId === loopId) return true;
  return false;
}

/** Starts a dev server that ended with its `run`, for this alone: only its database tells which loops are open. */
async function withServer<T>(data: string, flags: ServerFlags, use: (client: Client) => Promise<T>): Promise<T> {
  const target = targetOf(flags);
  const isAsleep = await isServerAsleep(data, target);
  const unlock = isAsleep ? await lockRun(data) : null;
  const server = isAsleep ? await startDevServer(data, target.address) : null;
  try {
    return await withClient(server ? targetAt(target, server.address) : target, use);
  } finally {
    await server?.stop();
    await unlock?.();
  }
}

/** Finds the refs to remove in the repository, and refuses before anything is removed. */
async function planRefs(
  loopId: string,
  data: string,
  { refs, branch, repository: given }: CleanFlags,
): Promise<{ repository: string; names: string[] }> {
  const kept = await readPlan(dataPaths(data).loop(loopId)).catch(() => null);
  const repository = given ? resolve(given) : kept?.config.repository;
  if (!repository)
    throw new CommandError(`clean: ${data} does not know the repository of "${loopId}"; give it with --repository`);
  if (!repository.startsWith('/'))
    throw new CommandError(`clean: ${repository} is remote; delete refs there with "git push <url> --delete <ref>"`);
  const plan = (await readLedgerOf(repository, loopId))?.plan ?? kept;
  if (!plan)
    throw new CommandError(`clean: ${repository} has no ledger of "${loopId}"; give the loop's own repository`);
  const results = branchOf(plan.config, loopId);
  if (branch && (await isCheckedOut(repository, results)))
    throw new CommandError(`clean: "${results}" is checked out in ${repository}; switch away, or leave out --branch`);
  const names = refNames(loopId, results);
  return { repository, names: [...(refs ? [names.ledger, names.champion] : []), ...(branch ? [names.branch] : [])] };
}

/** Returns null where a worker has the data directory: a new loop's clone looks unused at first. */
async function withoutWorker<T>(data: string, work: () => Promise<T>): Promise<T | null> {
  if (!existsSync(data)) return null;
  const unlock = await tryLock(dataPaths(data).workerLock);
  if (!unlock) return null;
  return work().finally(unlock);
}

function render(removed: readonly string[], kept: readonly string[]): CleanText {
  const gone = removed.length > 0 ? removed.map((what) => `removed ${what}`) : ['nothing was left to remove'];
  return toBlock(`${[...gone, ...kept.map((what) => `kept ${what}`)].join('\n')}\n`, Infinity);
}
