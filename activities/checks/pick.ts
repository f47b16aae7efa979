import { fetchCommits } from '../../adapters/git/clone.ts';
import { git } from '../../adapters/git/command.ts';
import { pickCommit } from '../../adapters/git/pick.ts';
import { resolveBase } from '../../adapters/git/repository.ts';
import { commitTree, treeOf } from '../../adapters/git/trees.ts';
import { withLock } from '../../adapters/lock.ts';
import type { PickAnswer, PickInput, VerifyAnswer } from '../../domain/checks.ts';
import { chosenCommits } from '../../domain/ledger/chosen.ts';
import { pickedMessage } from '../../domain/ledger/commit-message.ts';
import { isRefName } from '../../domain/loop-id.ts';
import type { HeadToHead } from '../../domain/steps.ts';
import { newBranchProblem } from '../../ledger/branch.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { moveRefs } from '../../ledger/move-refs.ts';
import { refNames } from '../../ledger/refs.ts';
import { removeTree } from '../../store/discard.ts';
import { loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import { allowedRepository, type OpenLoop } from '../loop/open-loop.ts';
import { checkLoopId, checkSha, refused } from '../loop/refusal.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { measureHeadToHead } from '../measure/head-to-head.ts';
import { testCandidate } from '../suites/judge-suite.ts';
import { testsAndBenchmark } from './benchmark-only.ts';
import { openForCheck } from './open-for-check.ts';

/**
 * Puts chosen commits alone on their loop's base, tests and measures them together, and makes a branch of them last of all: a
 * refusal leaves nothing behind. The same choice makes the same commits, and its pairs are measured once on a worker.
 */
export async function pick(context: WorkerContext, input: PickInput): Promise<PickAnswer> {
  const { loopId, branch, iterations } = input;
  checkLoopId(loopId);
  if (!isRefName(branch)) throw refused(`branch: ${JSON.stringify(branch)} is not a valid name; give another`);
  const repository = await allowedRepository(context.worker, input.repository);
  const loop = await openForCheck(context, repository, { loopId, reduce: testsAndBenchmark });
  const commits = await standAlone(loop, iterations);
  const tip = commits.at(-1)!.commit;
  const { problem } = await newBranchProblem(repository, { loopId, branch, tip }, context.signal);
  if (problem !== null) throw refused(problem);
  const measure = () => testAndMeasure({ ...context, loop }, { branch, commits, tip });
  // As in `verify`: they share the directories of the trees.
  const answer = await withLock(loopPaths(loop.directory).lock, measure, { signal: context.signal });
  const { problem: late, isThere } = await newBranchProblem(repository, { loopId, branch, tip }, context.signal);
  if (late !== null) throw refused(late);
  const name = refNames(loopId, branch).branch;
  if (!isThere) await moveRefs(loop.clone, repository, [{ name, old: null, new: tip }]);
  return answer;
}

type Commits = PickAnswer['commits'];

/** Makes the commits anew, one on the other, in the worker's clone alone. */
async function standAlone(loop: OpenLoop, iterations: readonly number[]): Promise<Commits> {
  const { clone, repository, plan } = loop;
  const { records } = await readLedger(clone, plan.loopId);
  const chosen = chosenCommits(records, iterations);
  if (!chosen.ok) throw refused(...chosen.problems);
  if (chosen.value.length === 0) throw refused('iterations: none is given; name one that was committed');
  const originals = chosen.value.map(({ candidate }) => candidate!.commit!);
  for (const original of originals) {
    checkSha('commit', original);
    if ((await resolveBase(repository, original, clone.signal)) !== original)
      throw refused(`commit: ${original.slice(0, 10)} is no commit of ${repository} any more; bring it back`);
  }
  await fetchCommits(clone, repository, originals);
  const commits: Commits = [];
  for (const [at, { iteration }] of chosen.value.entries()) {
    const original = originals[at]!;
    const commit = await placeOn(loop, commits.at(-1)?.commit ?? plan.baseSha, { iteration, original });
    commits.push({ iteration, original, commit });
  }
  return commits;
}

/** Makes a commit anew on another parent; on its own it stays as it is. */
async function placeOn(
  { clone, plan }: OpenLoop,
  parent: string,
  { iteration, original }: { iteration: number; original: string },
): Promise<string> {
  const log = async (format: string) =>
    (await git(clone, ['show', '--no-patch', `--format=${format}`, original])).trim();
  if ((await log('%P')) === parent) return original;
  const picked = await pickCommit(clone, await treeOf(clone, parent), original);
  if (!picked.ok) {
    const where = picked.paths.length > 0 ? picked.paths.map((path) => JSON.stringify(path)).join(', ') : 'its files';
    const fact = `of iteration ${iteration} does not apply in ${where} without the commits that were left out`;
    throw refused(`commit: ${original.slice(0, 10)} ${fact}; choose those before it too, or leave it out`);
  }
  const message = pickedMessage(await log('%B'), original);
  const { identity } = plan.config.commit;
  return commitTree(clone, { tree: picked.tree, parents: [parent], message, identity, date: await log('%aI') });
}

async function testAndMeasure(
  context: StepContext,
  { branch, commits, tip }: { branch: string; commits: Commits; tip: string },
): Promise<PickAnswer> {
  const { loop, worker } = context;
  const { loopId, baseSha } = loop.plan;
  try {
    const about = { loopId, repository: loop.repository, iteration: 0, champion: baseSha, startedAt: '' };
    const tested = await testCandidate(context, { ...about, tree: await treeOf(loop.clone, tip) });
    const subject = `commits: those of ${commits.map(({ iteration }) => iteration).join(', ')} together`;
    if (tested.kind === 'failed') throw refused(`${subject} do not pass: ${tested.detail}`);
    const { result, seed, samples } = await measureHeadToHead(context, tip);
    if ('problem' in result) throw refused(`${subject} could not be measured: ${result.problem}`);
    const isGuarded = loop.grants.guard !== null;
    const facts = { loopId, branch, commit: tip, commits, verdict: verdictOf(result), isGuarded };
    return { ...facts, headToHead: result, seed, samples, sandbox: worker.sandbox.kind };
  } finally {
    await removeTree(loopPaths(loop.directory).trees);
  }
}

/** Below 1 is a gain. */
function verdictOf({ interval: [low, high] }: HeadToHead): VerifyAnswer['verdict'] {
  if (high < 1) return 'confirmed';
  return low >= 1 ? 'not confirmed' : 'undetermined';
}
