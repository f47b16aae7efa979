import { outcomes, type IterationRecord, type Outcome, type Reason } from './record.ts';

/** Says in plain words why an iteration was not committed. */
const reasonTexts: Record<Reason, string> = {
  duplicate: 'the same change was tried before, or changes nothing',
  'behaviour-changed': 'an edited function answers otherwise than in the base',
  'build-failed': 'the build failed on it',
  'tests-failed': 'the tests failed on it',
  'guard-failed': 'the held-out tests failed on it',
  'benchmark-failed': 'the benchmark failed on it',
  'tests-blind': 'its tests pass over what was broken on purpose, and those of the base do not',
  slower: 'its pairs show a loss',
  'below-bar': 'the gain that is asked for was not proved',
  undecided: 'the pairs show neither a gain nor its absence',
  uncorroborated: "the loop's own clock saw less than the metric claims, or the gain is gone without BENCH_SEED",
  'side-metric-worse': 'a side metric is worse than allowed',
  'side-metric-unknown': 'it is not known whether a side metric is within its bound',
  stale: 'somebody else moved the branch meanwhile',
  'no-hypothesis': 'there was no answer that could be used',
  'edit-refused': 'the edit does not apply, or touches what it may not',
  'champion-failed': 'the champion, an earlier commit of this loop, began to fail',
  cancelled: 'the loop was stopped',
  infrastructure: "the machine, the repository's host or the server failed; this says nothing of the change",
};

/** Words of the outcomes for people. */
export const outcomeTexts: Record<Outcome, string> = {
  committed: 'committed',
  rolledBack: 'rolled back',
  failed: 'failed',
};

/** Tells in what the commands of an iteration ran. */
export function sandboxText(kind: IterationRecord['sandbox']): string {
  return kind === 'none' ? 'NONE: commands ran without a sandbox' : kind;
}

/** "rolled back (below-bar): the gain that is asked for was not proved"; a record's words may be anybody's. */
export function outcomeText(outcome: Outcome, reason: Reason | null): string {
  const what = outcomes.includes(outcome) ? outcomeTexts[outcome] : outcome;
  if (reason === null) return what;
  const why = Object.hasOwn(reasonTexts, reason) ? `: ${reasonTexts[reason]}` : '';
  return `${what} (${reason})${why}`;
}
