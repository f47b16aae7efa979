import { ApplicationFailure } from '@temporalio/activity';
import { syncLoop } from '../../ledger/sync.ts';
import { diffTrees } from '../../adapters/git/trees.ts';
import { readRecord } from '../../ledger/ledger.ts';
import { publish } from '../../ledger/publish.ts';
import { sourceName, type Plan } from '../../domain/config/plan.ts';
import type { BrokenFacts } from '../../domain/ledger/challenge.ts';
import { outcomeOf, type IterationRecord, type Reason, type TestFailure } from '../../domain/ledger/record.ts';
import type { BenchmarkInput, IterationFacts } from '../../domain/steps.ts';
import { toBlock, toLine } from '../../domain/text.ts';
import { readJson } from '../../store/files.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import { damagedJournal } from '../measure/journal.ts';
import { readProfile } from '../measure/profiles.ts';
import { judgeDecision, type DecisionResult } from '../measure/judge-journals.ts';
import { appendEntry } from './append.ts';
import { readAsked } from './asked.ts';
import { cleanScreened } from '../../domain/ledger/screened.ts';
import { programOf } from '../trees/program.ts';
import { readChallenge } from './challenge.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { checkSha } from '../loop/refusal.ts';

type AppendResult = { kind: 'appended'; record: IterationRecord } | { kind: 'stale'; detail: string };

interface IterationEnd {
  reason: Reason | null;
  detail: string;
  commit: string | null;
}

/**
 * Appends the record of an iteration to the ledger and moves the refs, with the champion on a commit.
 * A record that is there already is kept and returned.
 */
export async function appendRecord(
  { worker, loop }: Pick<StepContext, 'worker' | 'loop'>,
  facts: IterationFacts,
  end: IterationEnd,
): Promise<AppendResult> {
  const { tree } = facts;
  if (tree) checkSha('tree', tree);
  const [decided, diff] = await Promise.all([
    tree ? decidedOf(loop, { ...facts, tree }, end.commit) : null,
    tree ? diffTrees(loop.clone, facts.champion, tree) : '',
  ]);
  const judged = { ...facts, verdict: facts.verdict && decided ? decided.verdict : null };
  const failedTests = await failedTestsOf(loop, facts, end.reason);
  const challenge = tree ? await readChallenge(loop, { ...facts, tree }) : null;
  const made = {
    ...makeRecord(loop.plan, judged, { ...end, program: tree ? await programOf(loop, tree).catch(() => null) : null }),
    ...(challenge?.replay && { replay: challenge.replay }),
    ...(failedTests && { failedTests }),
    ...(challenge?.broken && { broken: cleanFacts(challenge.broken) }),
    sandbox: worker.sandbox.kind,
  };
  const asked = await readAsked(loop, facts.iteration);
  const { hotspots = null } = (await readProfile(loop, facts.champion)) ?? {};
  const beside = { diff, evidence: decided?.evidence ?? null, asked, hotspots };
  const entry = { record: made, ...beside, date: facts.startedAt };
  const champion = end.commit ? { old: facts.champion, new: end.commit } : null;
  let record: IterationRecord = made;
  const findHead = async () => {
    const { head, known } = await lookUp(loop, facts.iteration);
    if (known) record = known;
    return known ? undefined : head;
  };
  const detail = await appendEntry(loop, entry, findHead, champion);
  return detail === null ? { kind: 'appended', record } : { kind: 'stale', detail };
}

/** The names are a candidate's. */
function cleanFacts({ functions, notCovered, leftOut, runs }: BrokenFacts): BrokenFacts {
  const clean = (names: readonly string[]) => names.slice(0, 20).map((name) => toLine(name, 80));
  return { functions: clean(functions), notCovered: clean(notCovered), leftOut: clean(leftOut), runs };
}

async function failedTestsOf(loop: OpenLoop, { iteration, tree }: IterationFacts, reason: Reason | null) {
  if (!tree || (reason !== 'tests-failed' && reason !== 'guard-failed')) return null;
  const { testFailure } = iterationPaths(loopPaths(loop.directory).iteration(iteration));
  return readJson<TestFailure>(testFailure(tree));
}

/** A commit rests on the journals; a rollback does not: damaged ones must not keep it from being recorded. */
async function decidedOf(loop: OpenLoop, input: BenchmarkInput, commit: string | null): Promise<DecisionResult | null> {
  try {
    return await judgeDecision(loop, input);
  } catch (error) {
    if (commit === null && error instanceof ApplicationFailure && error.type === damagedJournal) return null;
    throw error;
  }
}

/** Finds an iteration's record in the repository's ledger, and puts its commit in place. */
export async function findRecord(loop: OpenLoop, iteration: number): Promise<IterationRecord | null> {
  return (await lookUp(loop, iteration)).known;
}

async function lookUp(loop: OpenLoop, iteration: number) {
  const { clone, repository, plan } = loop;
  const { ledger: head } = await syncLoop(clone, repository, plan);
  const known = head === null ? null : await readRecord(clone, head, iteration);
  if (head !== null && known?.candidate?.commit) await finishMove(loop, head, known);
  return { head, known };
}

/**
 * Moves the champion where a kill came between the refs of one transaction: git moves the ledger's first.
 * Leaves a later iteration, and a champion that somebody else moved, alone.
 */
async function finishMove(
  { clone, repository, plan: { loopId, branch } }: OpenLoop,
  head: string,
  { iteration, champion, candidate }: IterationRecord,
): Promise<void> {
  if ((await readRecord(clone, head, iteration + 1)) !== null) return;
  const ledger = { old: head, new: head };
  const move = { old: champion, new: candidate!.commit! };
  await publish(clone, repository, { loopId, branch, ledger, champion: move });
}

function makeRecord(
  plan: Plan,
  facts: IterationFacts,
  end: IterationEnd & { program: string | null },
): Omit<IterationRecord, 'sandbox'> {
  const { hypothesis, tree, verdict, attempts, tokens, seconds, spent, iteration, champion, startedAt } = facts;
  const { screened } = facts;
  const files = [...new Set(hypothesis?.edits.map(({ file }) => toLine(file)) ?? [])];
  return {
    version: 1,
    loopId: plan.loopId,
    iteration,
    outcome: outcomeOf(end.reason),
    reason: end.reason,
    detail: toBlock(end.detail, 2_000),
    startedAt,
    champion,
    candidate: tree ? { tree, commit: end.commit, ...(end.program && { program: end.program }) } : null,
    hypothesis: hypothesis
      ? {
          title: toLine(hypothesis.title),
          rationale: toBlock(hypothesis.rationale ?? '', 2_000),
          files,
          ...(hypothesis.target !== undefined && { target: toLine(hypothesis.target, 300) }),
        }
      : null,
    model: sourceName(plan.source),
    attempts,
    tokens,
    ...(seconds !== undefined && { seconds }),
    ...(spent && { spent }),
    verdict,
    ...(screened?.length && { screened: cleanScreened(screened) }),
  };
}
