import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import { resolveBase, repositoryProblem } from '../../adapters/git/repository.ts';
import type { AdoptionResult } from '../../domain/adoption/adoption.ts';
import { giveBack } from '../../domain/adoption/selves.ts';
import { adoptionIdOf, workflowTypes } from '../../domain/names.ts';
import { line, toBlock, toJsonLine, toLine } from '../../domain/text.ts';
import { changeSelves } from '../../ledger/selves.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { readOrder, readSelves, writeOrder } from '../../store/selves.ts';
import type { AdoptionStatus } from '../../workflows/messages.ts';
import { recordReturn } from './record-return.ts';
import type { Backend } from '../backend/backend.ts';
import { joinDaemon } from '../backend/daemon.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { resultOf } from '../loops/follow.ts';
import { failureLines } from '../loops/failure-lines.ts';
import { repositoryArgument, toplevelOf } from '../loops/loop-file.ts';
import { describeLoop } from '../loops/loops.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { onInterrupt, untilAborted } from '../terminal/interrupt.ts';
import { createProgress, print, type Progress } from '../terminal/progress.ts';

interface AdoptFlags extends ServerFlags {
  repository?: string;
  trial: string;
  iterations: string;
  back?: true;
  json?: true;
}

const pollMs = 1_000;

export function define(command: Command): void {
  command
    .argument('[commit]', 'a commit of this product that the last good build judges')
    .option('--repository <path>', 'the repository that has it (default: the one around the working directory)')
    .option('--trial <seconds>', 'time that the new build must work without a crash', '60')
    .option('--iterations <n>', 'iterations of open loops that must end on it meanwhile', '3')
    .option('--back', 'let the last good build work again; needs no network')
    .option('--json', 'print the result as JSON; progress goes to standard error');
  addServerFlags(command)
    .addHelpText(
      'after',
      `
The commit is compared with the build that works: only sources that do not judge may differ, and none may reach for the
process, files or network anew. Types, domain tests and the replay of recorded histories run in the sandbox, and recorded
inputs go to it and to the build that works, to compare answers, time and memory. ONLY THEN its code leaves the sandbox:
the whole suite runs as you, and then the worker. A build that crashes, hangs or fails an iteration on trial gives way to
the one before by itself. Ctrl-C leaves; the adoption goes on.
Exit codes: 0 adopted, 1 refused or withdrawn, 2 wrong command line, 130 interrupted.`,
    )
    .action((commit: string | undefined, flags: AdoptFlags) => (flags.back ? goBack(flags) : adopt(commit, flags)));
}

async function adopt(revision: string | undefined, flags: AdoptFlags): Promise<void> {
  if (revision === undefined) throw new CommandError('adopt: give a commit, or --back', exitCodes.usage);
  const { repository, commit } = await findCommit(revision, flags);
  const limits = { trialSeconds: whole('--trial', flags.trial), iterations: whole('--iterations', flags.iterations) };
  const interrupt = onInterrupt();
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const progress = createProgress(flags);
  const backend = await joinDaemon({ ...flags, data, settings: null, say: progress.line });
  try {
    const workflowId = adoptionIdOf(backend.queue);
    const open = await describeLoop(backend.client, workflowId);
    if (open?.status.name !== 'RUNNING') await writeOrder(data, { repository, commit, ...limits });
    else if ((await readOrder(data))?.commit !== commit)
      throw new CommandError('adopt: another commit is being adopted; wait until that one is adopted or withdrawn');
    const handle = await backend.client.workflow.start(workflowTypes.adoption, {
      workflowId,
      taskQueue: backend.queue,
      args: [{ repository, commit }],
      staticSummary: `adopt ${commit.slice(0, 12)}`,
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    const result = resultOf<AdoptionResult>(handle);
    const told = await follow(backend, { workflowId, progress, interrupt, result });
    if (told === null) {
      progress.line(line`detached: the adoption goes on; the same command shows it`);
      throw new CommandError([], exitCodes.interrupted);
    }
    print(
      flags.json ? toJsonLine(told) : toBlock(`${told.outcome.padEnd(9)} ${commit.slice(0, 12)}: ${told.reason}\n`),
    );
    if (told.outcome === 'withdrawn') throw new CommandError([]);
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new CommandError(failureLines(error)) : error;
  } finally {
    await backend.close();
    progress.clear();
  }
}

interface Following {
  workflowId: string;
  progress: Progress;
  interrupt: AbortSignal;
  result: Promise<AdoptionResult>;
}

/** Tells of each step as it ends. @returns null where the person leaves */
async function follow(
  { client, lost }: Backend,
  { workflowId, progress, interrupt, result }: Following,
): Promise<AdoptionResult | null> {
  const end = Promise.race([result, lost, untilAborted(interrupt).then(() => null)]);
  end.catch(() => undefined);
  let told = 0;
  for (;;) {
    const status = await Promise.race([statusOf(client, workflowId), end.then(() => null).catch(() => null)]);
    const findings = status?.findings ?? [];
    for (const { step, passed, text } of findings.slice(told))
      progress.line(line`${step.padEnd(9)} ${passed ? '' : 'failed: '}${text}`);
    told = Math.max(told, findings.length);
    if (status) progress.step(line`${status.state}`);
    const ended = await Promise.race([end, sleep(pollMs, undefined)]);
    if (ended !== undefined) return ended;
  }
}

/** @returns null while no worker answers, as when one takes another's place */
function statusOf(client: Client, workflowId: string): Promise<AdoptionStatus | null> {
  return client.workflow
    .getHandle(workflowId)
    .query<AdoptionStatus>('status')
    .catch(() => null);
}

async function goBack(flags: AdoptFlags): Promise<void> {
  const data = dataDirectory(flags.data);
  const { current } = await readSelves(data);
  const after = await changeSelves(data, giveBack);
  if (current === null || after === null)
    throw new CommandError(
      'adopt: there is no build to go back from, or one is on trial; see "npx karpathy-loop selves"',
    );
  await recordReturn(data, { judge: current.commit, reason: 'a person went back' });
  const now = after.current?.commit.slice(0, 12) ?? 'the code of this command line';
  print(toBlock(`back      ${toLine(now)} works again in place of ${current.commit.slice(0, 12)}\n`));
}

async function findCommit(revision: string, flags: AdoptFlags): Promise<{ repository: string; commit: string }> {
  const given = flags.repository ? repositoryArgument(flags.repository) : toplevelOf(process.cwd());
  if (!given) throw new CommandError(`repository: ${process.cwd()} lies in no git checkout; give it with --repository`);
  const problem = await repositoryProblem(given);
  if (problem) throw new CommandError(problem);
  const repository = realpathSync(given);
  const commit = await resolveBase(repository, revision);
  if (!commit) throw new CommandError(`commit: "${revision}" is no commit of ${repository}; give one that is there`);
  return { repository, commit };
}

function whole(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new CommandError(`${flag}: "${text}" is no whole number of at least 1`, exitCodes.usage);
  return value;
}
