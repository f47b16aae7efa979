import { fetchCommits } from '../../adapters/git/clone.ts';
import { git, type Clone } from '../../adapters/git/command.ts';
import { pickCommit } from '../../adapters/git/pick.ts';
import { changedPaths, readFile, textOf, treeOf } from '../../adapters/git/trees.ts';
import type { Plan } from '../../domain/config/plan.ts';
import { editBetween } from '../../domain/proposal/edits-between.ts';
import { checkHypothesis, type Edit, type Hypothesis } from '../../domain/proposal/hypothesis.ts';
import { line, toLine, type CleanLine } from '../../domain/text.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { championOf, listLedgers } from '../../ledger/refs.ts';
import { fetchLedger } from '../../ledger/sync.ts';
import { checkSha } from '../loop/refusal.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** The commits of an earlier loop, on the base of this one. */
export interface CarryOver {
  /** The earlier loop. */
  from: string;
  /** All commits that apply, as one proposal; null where none is left. */
  hypothesis: Hypothesis | null;
  /** Tells people of its commits. */
  note: CleanLine;
}

type Place = Pick<OpenLoop, 'clone' | 'repository'> & { plan: Plan };

/** Puts the commits of the newest loop that `continues` names on this loop's base, one by one; null where there is none. */
export async function carryOver(loop: Place): Promise<CarryOver | null> {
  const earlier = await newestEarlier(loop);
  if (!earlier) return null;
  const { clone, plan } = loop;
  const { loopId: from } = earlier;
  const commits = await commitsOf(loop, earlier);
  let tree = await treeOf(clone, plan.baseSha);
  const [applied, left]: CleanLine[][] = [[], []];
  for (const commit of commits) {
    const picked = await pickCommit(clone, tree, commit);
    const name = line`${commit.slice(0, 10)} ${toLine(await git(clone, ['log', '-1', '--format=%s', commit]), 72)}`;
    if (!picked.ok) left!.push(name);
    else if (picked.tree !== tree) applied!.push(name);
    tree = picked.ok ? picked.tree : tree;
  }
  const dropped = left!.length > 0 ? line`; left out, since they no longer apply: ${left!.join('; ')}` : '';
  const about = line`${applied!.length} of ${commits.length} commits of ${from}`;
  if (applied!.length === 0)
    return { from, hypothesis: null, note: line`continues: nothing of ${from} is to be carried over${dropped}` };
  const proposal = {
    title: line`Carry over ${about}`,
    rationale: `${applied!.join('; ')}${dropped}`.slice(0, 4_000),
    edits: await editsTo(clone, plan.baseSha, tree).catch((error: unknown) => (error as Error).message),
  };
  const checked = checkHypothesis(proposal);
  if (!checked.ok) {
    const why = typeof proposal.edits === 'string' ? proposal.edits : checked.problems[0]!;
    return { from, hypothesis: null, note: line`continues: ${about} are dropped (${why})` };
  }
  const first = 'are tried in iteration 1 on this base, together, and dropped together if they fail';
  return { from, hypothesis: checked.value, note: line`continues: ${about} ${first}${dropped}` };
}

/** The newest other loop of the series that has got as far as a record. */
async function newestEarlier({ clone, repository, plan }: Place): Promise<Plan | null> {
  const { continues } = plan.config;
  if (continues === undefined) return null;
  const ids = (await listLedgers(repository, clone.signal)).map(({ loopId }) => loopId);
  const series = ids.filter((id) => id !== plan.loopId && (id === continues || id.startsWith(`${continues}-`)));
  const dated = series.map(async (loopId) => {
    const head = await fetchLedger(clone, repository, loopId);
    return { loopId, time: head ? Number(await git(clone, ['log', '-1', '--format=%ct', head])) : 0 };
  });
  for (const { loopId } of (await Promise.all(dated)).sort((a, b) => b.time - a.time)) {
    const { plan: found, records } = await readLedger(clone, loopId);
    if (found && records.length > 0) return { ...found, loopId };
  }
  return null;
}

/** The oldest first; none where somebody has removed the branch. */
async function commitsOf({ clone, repository }: Place, { loopId, branch, baseSha }: Plan): Promise<string[]> {
  checkSha('baseSha', baseSha);
  const champion = await championOf(repository, { loopId, branch }, clone.signal);
  if (champion === null) return [];
  await fetchCommits(clone, repository, [baseSha, champion]);
  const range = ['rev-list', '--reverse', '--first-parent', '--max-count=1000', champion, `^${baseSha}`];
  return (await git(clone, range)).split('\n').filter(Boolean);
}

/** @throws Error with what no edit can say: a file that is gone, or is no text */
async function editsTo(clone: Clone, base: string, tree: string): Promise<Edit[]> {
  const read = async (treeish: string, path: string) => {
    const bytes = await readFile(clone, treeish, path);
    return bytes && { text: textOf(bytes) };
  };
  const edits = (await changedPaths(clone, base, tree)).map(async (path) => {
    const [before, after] = [await read(base, path), await read(tree, path)];
    if (!after || after.text === null || before?.text === null) throw new Error(`${path} is gone, or no text`);
    return editBetween(path, before?.text ?? null, after.text);
  });
  return (await Promise.all(edits)).filter((edit) => edit !== null);
}
