import { syncLoop } from '../adapters/git/clone.ts';
import { diffTrees } from '../adapters/git/trees.ts';
import { ledgerCommit, ledgerHead, readRecord } from '../adapters/git/ledger.ts';
import { publish } from '../adapters/git/publish.ts';
import { policyOf, sourceName } from '../domain/plan.ts';
import { outcomeOf, type Evidence, type IterationRecord, type Reason } from '../domain/record.ts';
import type { IterationFacts } from '../domain/steps.ts';
import { clean, oneLine } from '../domain/text.ts';
import { toVerdict } from '../domain/verdict.ts';
import { decisionDirectory, measuredVerdict, readJournal } from './journal.ts';
import { checkSha, type OpenLoop, type Resources } from './resources.ts';

/** Times that an append is tried again when another writer moved the ledger. */
const maxAppends = 5;

export type Appended = { kind: 'appended'; record: IterationRecord } | { kind: 'stale'; detail: string };

/**
 * Appends the record of an iteration to the ledger and moves the refs in the repository, the champion's with it on a commit.
 * An iteration that has a record already keeps it: the record found is returned, and nothing is written.
 */
export async function appendRecord(
  resources: Resources,
  loop: OpenLoop,
  facts: IterationFacts,
  end: { reason: Reason | null; detail: string; commit: string | null },
): Promise<Appended> {
  const { loopId, branch, config } = loop.plan;
  if (facts.tree) checkSha('tree', facts.tree);
  const verdict = facts.tree && facts.verdict ? await measuredVerdict(loop, { ...facts, tree: facts.tree }) : null;
  const made = makeRecord(resources, loop, { ...facts, verdict }, end);
  for (let attempt = 1; ; attempt++) {
    const known = await findRecord(loop, facts.iteration);
    // Ledger and champion move together: a record that is there has its commit in place, whatever came after it.
    if (known) return { kind: 'appended', record: known };
    const head = await ledgerHead(loop.clone, loopId);
    const entry = { loopId, record: made, ...(await attachments(loop, facts)), identity: config.commit.identity, date: facts.startedAt };
    const next = await ledgerCommit(loop.clone, head, entry);
    const champion = end.commit ? { old: facts.champion, new: end.commit } : null;
    const result = await publish(loop.clone, loop.repository, { loopId, branch, ledger: { old: head, new: next }, champion });
    if (result.kind === 'published') return { kind: 'appended', record: made };
    if (result.what === 'champion') return { kind: 'stale', detail: result.detail };
    if (attempt >= maxAppends) throw new Error(`ledger: could not be moved in ${attempt} tries (${result.detail})`);
  }
}

/** The record of an iteration in the repository's ledger as it is now, or null. */
export async function findRecord({ clone, repository, plan: { loopId, branch } }: OpenLoop, iteration: number): Promise<IterationRecord | null> {
  await syncLoop(clone, repository, loopId, branch);
  return readRecord(clone, loopId, iteration);
}

function makeRecord(
  resources: Resources,
  loop: OpenLoop,
  facts: IterationFacts,
  end: { reason: Reason | null; detail: string; commit: string | null },
): IterationRecord {
  const { hypothesis, tree, verdict, attempts, tokens, iteration, champion, startedAt } = facts;
  const files = [...new Set(hypothesis?.edits.map(({ file }) => oneLine(file)) ?? [])];
  return {
    version: 1,
    loopId: loop.plan.loopId,
    iteration,
    outcome: outcomeOf(end.reason),
    reason: end.reason,
    detail: clean(end.detail, 2_000),
    startedAt,
    champion,
    candidate: tree ? { tree, commit: end.commit } : null,
    hypothesis: hypothesis ? { title: oneLine(hypothesis.title), rationale: clean(hypothesis.rationale ?? '', 2_000), files } : null,
    model: sourceName(loop.plan.source),
    attempts,
    tokens,
    verdict,
    sandbox: resources.sandbox.kind,
  };
}

/** The candidate's diff and the verdict's samples. */
async function attachments(loop: OpenLoop, facts: IterationFacts): Promise<{ diff: string; evidence: Evidence | null }> {
  if (!facts.tree) return { diff: '', evidence: null };
  const diff = await diffTrees(loop.clone, facts.champion, facts.tree);
  const journal = await readJournal(await decisionDirectory(loop, { ...facts, tree: facts.tree }));
  if (!journal) return { diff, evidence: null };
  const { pairs } = toVerdict(journal.pairs, policyOf(loop.plan));
  const { unit } = loop.plan.config.benchmark;
  return { diff, evidence: { version: 1, seed: journal.head.seed, unit, pairs: journal.pairs.slice(0, pairs), fresh: journal.pairs.slice(pairs) } };
}
