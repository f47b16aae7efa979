import type { Decision, Pair } from './decision.ts';

export type Outcome = 'committed' | 'rolledBack' | 'failed';

/** Why an iteration was not committed. */
export type Reason =
  | 'no-hypothesis'
  | 'edit-refused'
  | 'duplicate'
  | 'build-failed'
  | 'tests-failed'
  | 'slower'
  | 'below-bar'
  | 'undecided'
  | 'benchmark-failed'
  | 'stale'
  | 'cancelled'
  | 'infrastructure';

/** The verdict as it stands in the ledger: with what is needed to recompute it from the evidence. */
export interface RecordedVerdict extends Decision {
  a0: number;
  minImprovement: number;
  better: 'lower' | 'higher';
  /** Median ratio of the fresh pairs after acceptance (candidate/champion for "lower"); null when not accepted. */
  reportedRatio: number | null;
}

/** What became of one iteration: one per iteration in the ledger, accepted or not. Plain JSON, the same on every retry. */
export interface IterationRecord {
  version: 1;
  loopId: string;
  /** From 1, without gaps. */
  iteration: number;
  outcome: Outcome;
  reason: Reason | null;
  /** What happened, in at most 2,000 clean characters: an error, a test's last lines. */
  detail: string;
  /** ISO 8601; recorded by the loop when the iteration began, and the time of its commits. */
  startedAt: string;
  /** Commit that was the champion when the iteration began. */
  champion: string;
  /** Tree of the candidate, and its commit if it was committed. */
  candidate: { tree: string; commit: string | null } | null;
  hypothesis: { title: string; rationale: string; files: string[] } | null;
  /** Who proposed, such as "ollama qwen2.5-coder:7b". */
  model: string;
  /** Hypotheses asked for, repairs included. */
  attempts: number;
  tokens: number;
  verdict: RecordedVerdict | null;
  /** "bubblewrap", or "none" where the worker's owner allowed it. */
  sandbox: 'bubblewrap' | 'none';
}

/** The raw samples behind a verdict; lies beside the record. */
export interface Evidence {
  version: 1;
  seed: number;
  unit: string;
  /** In order of measurement. `first` is the side that the coin sent first; CPU and wall times are the loop's own, in ms. */
  pairs: MeasuredPair[];
  /** The fresh pairs after acceptance. */
  fresh: MeasuredPair[];
}

export interface MeasuredPair {
  first: 'champion' | 'candidate';
  pair: Pair;
  cpuMs: Pair;
  wallMs: Pair;
}

const failed: ReadonlySet<Reason> = new Set(['no-hypothesis', 'edit-refused', 'cancelled', 'infrastructure']);

/** The outcome that goes with a reason; null is the commit. */
export function outcomeOf(reason: Reason | null): Outcome {
  if (reason === null) return 'committed';
  return failed.has(reason) ? 'failed' : 'rolledBack';
}
