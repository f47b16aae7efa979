import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { fetchLedger } from '../../ledger/sync.ts';
import { git } from '../../adapters/git/command.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { repositoryProblem, resolveBase } from '../../adapters/git/repository.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import { removeTree } from '../../store/discard.ts';
import { verifyFalseRate, type VerifyAnswer, type VerifyInput } from '../../domain/checks.ts';
import { ratioInterval, type DecisionPolicy } from '../../domain/verdict/decision.ts';
import { policyOf } from '../../domain/config/plan.ts';
import type { MeasuredPair } from '../../domain/ledger/record.ts';
import { isComplete, toVerdict } from '../../domain/verdict/verdict.ts';
import { drawFreshPairs } from '../measure/fresh-pairs.ts';
import { withHeartbeat } from '../heartbeat.ts';
import {
  allowedRepository,
  baseScripts,
  checkLoopId,
  checkSha,
  digest,
  refused,
  withGrants,
  type OpenLoop,
  type Resources,
} from '../loop/resources.ts';
import { benchmarkOnly } from './benchmark-only.ts';
import { dataPaths, loopPaths } from '../../store/layout.ts';

/** Measures a commit against its parent by a loop's benchmark, in a fresh decision. The repository is read, and nothing in it is written. */
export async function verify(
  resources: Resources,
  { loopId, repository: path, commit }: VerifyInput,
): Promise<VerifyAnswer> {
  return withHeartbeat(async (signal) => {
    checkLoopId(loopId);
    checkSha('commit', commit);
    const repository = await allowedRepository(resources, path);
    const loop = await openForCheck(resources, repository, loopId);
    if ((await resolveBase(repository, commit)) !== commit)
      throw refused([`commit: ${commit.slice(0, 10)} is no commit of ${repository}; give one that is there`]);
    await fetchCommits(loop.clone, repository, [commit]);
    const parent = (await git(loop.clone, ['rev-list', '--parents', '-n', '1', commit])).trim().split(' ')[1];
    if (!parent)
      throw refused([`commit: ${commit.slice(0, 10)} is a root commit; give one with a parent to measure it against`]);
    // One at a time for each loop: they share the facts about the base, and the place of the trees.
    return withMachineLock(() => measureAgainst(resources, loop, parent, commit, signal), {
      signal,
      path: loopPaths(loop.directory).lock,
    });
  });
}

/** The loop as its ledger has it, with a directory of its own, so that nothing of a loop that runs here is touched. */
async function openForCheck(resources: Resources, repository: string, loopId: string): Promise<OpenLoop> {
  const problem = await repositoryProblem(repository);
  if (problem) throw refused([problem]);
  const clone = await openClone(resources.dataDirectory, repository);
  const plan =
    (await fetchLedger(clone, repository, loopId)) && (await readLedger(clone, loopId, { recordsFrom: Infinity })).plan;
  if (!plan)
    throw refused([`loop: "${loopId}" has no ledger in ${repository}; give the loop whose benchmark is to be used`]);
  const config = { ...benchmarkOnly(plan.config), repository };
  checkSha('baseSha', plan.baseSha);
  await fetchCommits(clone, repository, [plan.baseSha]);
  const loop = withGrants(
    resources,
    { ...plan, loopId, config },
    repository,
    clone,
    await baseScripts(clone, plan.baseSha),
  );
  return { ...loop, directory: dataPaths(resources.dataDirectory).check(loopId) };
}

async function measureAgainst(
  resources: Resources,
  loop: OpenLoop,
  parent: string,
  commit: string,
  signal: AbortSignal,
): Promise<VerifyAnswer> {
  const { workflowExecution } = Context.current().info;
  const directory = join(loop.directory, digest(workflowExecution));
  const policy = { ...policyOf(loop.plan), alpha: verifyFalseRate };
  try {
    const drawn = await drawFreshPairs(
      { resources, loop, directory, signal },
      { champion: parent, candidate: commit },
      (pairs) => isComplete(pairs, policy),
    );
    // Kept only as long as a later attempt may go on with it.
    await rm(directory, { recursive: true, force: true });
    if (!drawn.ok)
      throw refused([
        `commit: ${commit.slice(0, 10)} could not be measured against ${parent.slice(0, 10)}: ${drawn.problem}`,
      ]);
    return {
      ...sumUp(drawn.pairs, policy),
      ...aboutLoop(loop),
      commit,
      parent,
      seed: drawn.seed,
      sandbox: resources.sandbox.kind,
    };
  } finally {
    // Whatever else ended this attempt, another may go on with its journal.
    if (isCancelled(signal)) await rm(directory, { recursive: true, force: true });
    await removeTree(loopPaths(loop.directory).trees);
  }
}

/** By the person who asked; the signal also comes when the worker shuts down or the attempt took too long. */
function isCancelled({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as Error | undefined)?.message === 'CANCELLED';
}

function sumUp(
  pairs: readonly MeasuredPair[],
  policy: DecisionPolicy,
): Omit<VerifyAnswer, 'loopId' | 'commit' | 'parent' | 'unit' | 'seed' | 'sandbox'> {
  const decided = toVerdict(pairs, policy);
  const samples = pairs.map(({ pair }) => pair);
  const verdict = (
    { accepted: 'confirmed', rejected: 'not confirmed', undecided: 'undetermined', continue: 'undetermined' } as const
  )[decided.verdict];
  const interval = policy.noise === 'exact' ? decided.interval : ratioInterval(samples, policy.better);
  return { ...decided, verdict, ratio: decided.reportedRatio ?? decided.estimate, interval, samples };
}

function aboutLoop({ plan: { loopId, config } }: OpenLoop): Pick<VerifyAnswer, 'loopId' | 'unit'> {
  return { loopId, unit: config.benchmark.unit };
}
