import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { fetchCommits } from '../../adapters/git/clone.ts';
import { git } from '../../adapters/git/command.ts';
import { resolveBase } from '../../adapters/git/repository.ts';
import { withLock } from '../../adapters/lock.ts';
import { verifyFalseRate, type VerifyAnswer, type VerifyInput } from '../../domain/checks.ts';
import { termsOf } from '../../domain/config/plan.ts';
import type { StartUp } from '../../domain/verdict/corroboration.ts';
import type { MeasuredPair } from '../../domain/verdict/pair.ts';
import { isComplete, toVerdict, type JudgeTerms } from '../../domain/verdict/verdict.ts';
import { removeTree } from '../../store/discard.ts';
import { loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { allowedRepository, digest } from '../loop/open-loop.ts';
import { checkLoopId, checkSha, refused } from '../loop/refusal.ts';
import { drawFreshPairs } from '../measure/commit-pairs.ts';
import { benchmarkOnly } from './benchmark-only.ts';
import { openForCheck } from './open-for-check.ts';

/** Measures a commit against its parent in a fresh decision by a loop's benchmark; writes nothing in the repository. */
export async function verify(context: WorkerContext, input: VerifyInput): Promise<VerifyAnswer> {
  const { loopId, commit } = input;
  checkLoopId(loopId);
  checkSha('commit', commit);
  const repository = await allowedRepository(context.worker, input.repository);
  const loop = await openForCheck(context, repository, { loopId, reduce: benchmarkOnly });
  if ((await resolveBase(repository, commit, context.signal)) !== commit)
    throw refused(`commit: ${commit.slice(0, 10)} is no commit of ${repository}; give one that is there`);
  await fetchCommits(loop.clone, repository, [commit]);
  const parent = (await git(loop.clone, ['rev-list', '--parents', '-n', '1', commit])).trim().split(' ')[1];
  if (!parent)
    throw refused(`commit: ${commit.slice(0, 10)} is a root commit; give one with a parent to measure it against`);
  // One at a time for each loop: they share the facts about the base, and the directories of the trees.
  const measure = () => measureAgainst({ ...context, loop }, parent, commit);
  return withLock(loopPaths(loop.directory).lock, measure, { signal: context.signal });
}

async function measureAgainst(context: StepContext, parent: string, commit: string): Promise<VerifyAnswer> {
  const { loop, signal, worker } = context;
  const directory = join(loop.directory, digest(activityInfo().workflowExecution));
  const termsWith = (startUp: StartUp) => termsOf({ config: loop.plan.config, alpha: verifyFalseRate }, startUp);
  const commits = { champion: parent, candidate: commit };
  try {
    const isDone = (pairs: readonly MeasuredPair[], startUp: StartUp) => isComplete(pairs, termsWith(startUp));
    const drawn = await drawFreshPairs(context, commits, { directory, isComplete: isDone });
    // Kept only as long as a later attempt may go on with it.
    await rm(directory, { recursive: true, force: true });
    if (!drawn.ok)
      throw refused(
        `commit: ${commit.slice(0, 10)} could not be measured against ${parent.slice(0, 10)}: ${drawn.problem}`,
      );
    const { loopId, config } = loop.plan;
    const about = { loopId, unit: config.benchmark.unit, commit, parent };
    return {
      ...sumUp(drawn.pairs, termsWith(drawn.startUp)),
      ...about,
      seed: drawn.seed,
      sandbox: worker.sandbox.kind,
    };
  } finally {
    // Whatever else ended this attempt, another may go on with its journal.
    if (isCancelled(signal)) await rm(directory, { recursive: true, force: true });
    await removeTree(loopPaths(loop.directory).trees);
  }
}

/** Tells a cancel from a shutdown of the worker and from a time-out, which come by the same signal. */
function isCancelled({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as Error | undefined)?.message === 'CANCELLED';
}

function sumUp(pairs: readonly MeasuredPair[], terms: JudgeTerms) {
  const decided = toVerdict(pairs, terms);
  const meanings = { accepted: 'confirmed', rejected: 'not confirmed', contradicted: 'not confirmed' } as const;
  const verdict = (meanings as Partial<Record<string, VerifyAnswer['verdict']>>)[decided.verdict] ?? 'undetermined';
  return { ...decided, verdict, samples: [...pairs] };
}
