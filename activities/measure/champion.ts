import { commitTree, treeOf } from '../../adapters/git/trees.ts';
import { championsBefore, isSuspect } from '../../domain/ledger/champion.ts';
import { goBackMessage } from '../../domain/ledger/commit-message.ts';
import type { IterationRef } from '../../domain/steps.ts';
import { toBlock } from '../../domain/text.ts';
import { readHistory } from '../../ledger/history.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { told } from '../loop/told.ts';
import { testCandidate } from '../suites/judge-suite.ts';
import { measure, newBenchSeed } from './execute.ts';
import { openSides } from './pairs.ts';

/** Runs of the benchmark on a champion that is looked at; a trap may spring in some only. */
const benchmarkRuns = 3;

/** A champion that began to fail after its commit. */
interface FailedChampion {
  /** The commit whose code the loop goes on from. */
  to: string;
  detail: string;
}

/** Looks at a champion whose iterations fail one after the other; null where nothing is wrong with it. */
export async function failedChampion(context: StepContext, ref: IterationRef): Promise<FailedChampion | null> {
  const { champion } = ref;
  const { clone, plan, directory } = context.loop;
  const file = loopPaths(directory).failed(champion);
  const known = await readJson<FailedChampion>(file);
  if (known || champion === plan.baseSha) return known;
  const records = await readHistory(clone, plan.loopId);
  if (!isSuspect(records, champion)) return null;
  context.say('the champion, since its iterations fail');
  const problem = await problemOf(context, ref, champion);
  if (problem === null) return null;
  let to = plan.baseSha;
  for (const earlier of championsBefore(records, champion)) {
    if (earlier !== plan.baseSha && (await problemOf(context, ref, earlier)) !== null) continue;
    to = earlier;
    break;
  }
  const place = to === plan.baseSha ? 'the base' : `the earlier champion ${to.slice(0, 10)}`;
  const fact = `champion ${champion.slice(0, 10)} fails where the base passes; the loop goes back to ${place}`;
  const failed = { to, detail: toBlock(`${fact}\n${problem}`, 2_000) };
  await writeAtomically(file, JSON.stringify(failed));
  return failed;
}

/** Makes the commit after a failed champion that has the code of the last good one: no branch ever moves back. */
export async function commitBack(
  { loop }: StepContext,
  { champion, iteration, startedAt: date }: IterationRef,
): Promise<{ tree: string; commit: string } | null> {
  const { clone, plan, directory } = loop;
  const failed = await readJson<FailedChampion>(loopPaths(directory).failed(champion));
  if (!failed) return null;
  const tree = await treeOf(clone, failed.to);
  const message = goBackMessage({ to: failed.to, failed: champion, loopId: plan.loopId, iteration });
  const { identity } = plan.config.commit;
  return { tree, commit: await commitTree(clone, { tree, parents: [champion], message, identity, date }) };
}

/** Tells how a commit fails where the base passes; where both fail the machine is at fault. */
async function problemOf(context: StepContext, ref: IterationRef, commit: string): Promise<string | null> {
  const { loop } = context;
  const { baseSha } = loop.plan;
  const opened = await openSides(context, { champion: baseSha, candidate: commit });
  if (!opened.ok) return opened.side === 'candidate' ? told(loop, opened.detail) : null;
  const test = async (treeish: string) =>
    testCandidate(context, { ...ref, champion: baseSha, tree: await treeOf(loop.clone, treeish) });
  const tested = await test(commit);
  if (tested.kind === 'failed') return (await test(baseSha)).kind === 'passed' ? tested.detail : null;
  for (let run = 0; run < benchmarkRuns; run++) {
    const benchSeed = newBenchSeed();
    const problem = await exclusively(context, async (held) => {
      const measured = await measure(held, opened.sides.candidate, { benchSeed });
      if (measured.ok || !(await measure(held, opened.sides.champion, { benchSeed })).ok) return null;
      return measured.problem;
    });
    if (problem !== null) return told(loop, problem);
  }
  return null;
}
