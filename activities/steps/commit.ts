import type { RecordedVerdict } from '../../domain/verdict/decision.ts';
import { readLedger } from '../../ledger/ledger.ts';
import { championOf } from '../../ledger/refs.ts';
import { commitTree } from '../../adapters/git/trees.ts';
import { commitMessage } from '../../domain/ledger/commit-message.ts';
import { sourceName } from '../../domain/config/plan.ts';
import type { IterationRecord } from '../../domain/ledger/record.ts';
import type { BenchmarkInput, CommitAnswer, IterationFacts } from '../../domain/steps.ts';
import { adoptByItself } from '../adoption/adopt-by-itself.ts';
import { judgeDecision } from '../measure/judge-journals.ts';
import { readChallenge } from '../record/challenge.ts';
import { appendRecord, findRecord } from '../record/outcome.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';
import { keepOnly } from '../trees/runnable.ts';
import { unseenProblem } from '../trees/unseen.ts';
import { repackClone } from '../record/repack.ts';

/** Commits an accepted candidate, and lets the product's own become the build that works where the owner wants it. */
export async function commit(context: StepContext, input: IterationFacts): Promise<CommitAnswer> {
  const answer = await keep(context, input);
  if (answer.kind === 'committed') await adoptByItself(context, { ...input, commit: answer.commit });
  return answer;
}

/** Commits the candidate's tree and moves champion and ledger together. The same facts give the same commit. */
async function keep(context: StepContext, input: IterationFacts): Promise<CommitAnswer> {
  const { loop } = context;
  const known = await findRecord(loop, input.iteration);
  if (known) return asRecorded(loop, input, known);
  const { hypothesis, tree } = input;
  if (!hypothesis || !tree) throw refused('commit: needs a hypothesis and its tree');
  const verdict = await acceptedVerdict(loop, { ...input, tree });
  await checkChallenge(loop, { ...input, tree });
  const unseen = await unseenProblem(context, tree);
  if (unseen) throw refused(`commit: ${unseen}`);
  if (!(await isChampion(loop, input.champion)))
    return stale(loop, input, 'was measured against a champion that someone else moved');
  const { loopId, config, source } = loop.plan;
  const { iteration, champion, startedAt: date } = input;
  const { unit, output } = config.benchmark;
  const about = { unit, loopId, iteration, model: sourceName(source), isChecked: output !== undefined };
  const message = commitMessage({ hypothesis, verdict, ...about });
  const { identity } = config.commit;
  const made = await commitTree(loop.clone, { tree, parents: [champion], message, identity, date });
  const appended = await appendRecord(context, input, { reason: null, detail: '', commit: made });
  if (appended.kind === 'stale') return stale(loop, input, appended.detail);
  await keepOnly(loop, made);
  await repackClone(context);
  return asRecorded(loop, input, appended.record);
}

/** Another writer's record may have come first. */
async function asRecorded(loop: OpenLoop, input: IterationFacts, record: IterationRecord): Promise<CommitAnswer> {
  const { candidate, reason, outcome } = record;
  if (candidate?.commit) return { kind: 'committed', commit: candidate.commit };
  return stale(loop, input, `has a record already: ${reason ?? outcome}`);
}

/** Reads the verdict from the journals alone: whoever calls an activity may claim anything. */
async function acceptedVerdict(loop: OpenLoop, input: BenchmarkInput): Promise<RecordedVerdict> {
  const decided = await judgeDecision(loop, input);
  if (decided?.committable) return decided.verdict;
  const subject = `commit: the journal of iteration ${input.iteration} does not accept ${input.tree.slice(0, 10)}`;
  throw refused(decided?.objection ? `${subject} (${decided.objection.detail})` : `${subject}; benchmark it first`);
}

async function checkChallenge(loop: OpenLoop, input: BenchmarkInput): Promise<void> {
  const challenge = await readChallenge(loop, input);
  if (challenge?.objection === null) return;
  const fact = challenge ? `did not withstand its challenge (${challenge.objection.detail})` : 'was not challenged yet';
  throw refused(`commit: ${input.tree.slice(0, 10)} of iteration ${input.iteration} ${fact}; challenge it first`);
}

/** A branch that its user deleted is made again: the loop keeps its commits. */
async function isChampion({ repository, clone, plan }: OpenLoop, sha: string): Promise<boolean> {
  const current = await championOf(repository, plan, clone.signal);
  if (current !== null) return current === sha;
  if (sha === plan.baseSha) return true;
  const { records } = await readLedger(clone, plan.loopId);
  return records.some(({ candidate }) => candidate?.commit === sha);
}

async function stale(
  { repository, clone, plan }: OpenLoop,
  input: IterationFacts,
  fact: string,
): Promise<CommitAnswer> {
  const champion = (await championOf(repository, plan, clone.signal)) ?? input.champion;
  const detail = `iteration ${input.iteration} ${fact}; the champion is ${champion.slice(0, 10)}`;
  return { kind: 'stale', detail, champion };
}
