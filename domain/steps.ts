/** Inputs and answers of the steps, as small plain JSON. Diffs, prompts and logs stay in git or in files. */
import type { RecordedVerdict } from './verdict/decision.ts';
import type { Hypothesis } from './proposal/hypothesis.ts';
import type { ChallengeObjection } from './ledger/challenge.ts';
import type { IterationRecord, Objection, Outcome, Reason } from './ledger/record.ts';
import type { Spent } from './ledger/spent.ts';
import type { Screened } from './ledger/screened.ts';

/** Names a loop: enough for a worker to find its plan in the data directory or in the ledger. */
export interface LoopRef {
  loopId: string;
  repository: string;
}

/** Names an iteration and the champion that it begins with. */
export interface IterationRef extends LoopRef {
  iteration: number;
  champion: string;
  /** ISO 8601; set by the loop, so that repeated commits are equal. */
  startedAt: string;
  /** A person's words for whoever proposes. */
  hint?: string;
}

export interface PrepareInput {
  loopId: string;
  /** A LoopConfig as somebody wrote it; `prepare` checks it. */
  config: unknown;
  startedAt: string;
}

/** Tells the loop's workflow all that it needs, so that it never reads the config. */
export interface PreparedLoop extends LoopRef {
  /** The queue of the worker on a path's host; for a URL, the one that `prepare` ran on. */
  queue: string;
  champion: string;
  baseSha: string;
  /** The results branch. */
  branch: string;
  /** From 1, or after the last record of a ledger that is there already. */
  nextIteration: number;
  limits: LoopLimits;
  /** Max. duration of one attempt of each step, in seconds. */
  stepSeconds: Record<StepName, number>;
  /** Time that a step waits for its host before the host counts as lost, in seconds. Default 600. */
  hostTimeoutSeconds?: number;
  /** Sums over the records of a ledger that is there already; absent for a new loop. */
  earlier?: EarlierIterations;
  /** The source of hypotheses, such as "embedded SmolLM2-135M-Instruct". */
  model: string;
  /** One paragraph for people: base, metric, model, sandbox, time of an iteration. */
  summary: string;
  /** What they should mend first, one line each, with fact and remedy. */
  notes?: string[];
  /** Set where the server has the product's search attributes: an unknown one would block a workflow. */
  isIndexed?: boolean;
}

/** When a loop ends, and how often an iteration may repair. */
export interface LoopLimits {
  iterations: number;
  hours: number;
  tokens: number;
  consecutiveFailures: number;
  repairs: number;
  /** See EarlierIterations. Absent: none. */
  stagnation?: number;
  /** Absent: only `hours` bounds them. */
  modelHours?: number | undefined;
  benchmarkHours?: number | undefined;
}

/** Sums over a ledger's records: a loop whose server was lost goes on with the budget that it had left. */
export interface EarlierIterations {
  committed: number;
  rolledBack: number;
  failed: number;
  consecutiveFailures: number;
  /** Iterations in a row, up to the last, that brought nothing new to measure. */
  stagnation: number;
  tokens: number;
  /** Working time of the steps. */
  seconds: number;
  spent: Spent;
}

export type StepName =
  | 'collect'
  | 'analyze'
  | 'hypothesize'
  | 'screen'
  | 'apply'
  | 'test'
  | 'benchmark'
  | 'challenge'
  | 'commit'
  | 'rollback';

export interface CollectAnswer {
  /** Task queue of the worker that holds the champion's export and profile; the later steps run there. */
  queue: string;
  /** Name of the profile in the worker's store, or null where nothing could be profiled. */
  profile: string | null;
  /** The champion's metric, one run. */
  metric: number;
}

/** The champion fails where the base passes. The rollback goes back to the last one that passes. */
export interface ChampionFailure {
  kind: 'failed';
  reason: 'champion-failed';
  detail: string;
  /** As in `CollectAnswer`. */
  queue: string;
}

export interface Hotspot {
  file: string;
  /** Function name, or null where only the file is known. */
  name: string | null;
  /** 1-based line, or null. */
  line: number | null;
  /** Share of the profiled time that it takes itself, 0 to 1; null without a profile. */
  share: number | null;
  /** The same with what it calls; absent where the profiler does not tell. */
  total?: number;
  /** Times that it was called; absent where the profiler does not tell. */
  calls?: number;
}

export type AnalyzeInput = IterationRef & Pick<CollectAnswer, 'profile'>;

/** Hottest first, at most 8. `doubt`: a profile that cannot be read, for people. */
export type AnalyzeAnswer = { hotspots: Hotspot[]; doubt?: string };

export interface HypothesizeInput extends IterationRef {
  hotspots: Hotspot[];
  metric: number;
  /** 0 for the first hypothesis, then the repairs. */
  attempt: number;
  /** The failed hypothesis that is to be repaired. */
  previous: { hypothesis: Hypothesis; reason: Reason; detail: string } | null;
}

/** `screened`: answers that were drawn and are of no use. */
export type HypothesizeAnswer = { tokens: number; screened?: Screened[] } & (
  | { kind: 'hypothesis'; hypothesis: Hypothesis }
  /** More than one, for `screen`; 256 kB of JSON at most. */
  | { kind: 'several'; hypotheses: Hypothesis[] }
  /** `isLast`: the source has nothing left to try. */
  | { kind: 'none'; detail: string; isLast?: boolean }
);

export type ScreenInput = IterationRef & { hypotheses: Hypothesis[] };

/** `screened`: all but the hypothesis that goes on, or the one that came furthest. */
export type ScreenAnswer = { hypothesis: Hypothesis; screened: Screened[] } & (
  | { kind: 'chosen' }
  | {
      kind: 'failed';
      reason: 'edit-refused' | 'duplicate' | 'build-failed' | 'tests-failed' | 'benchmark-failed' | 'infrastructure';
      detail: string;
      tree: string | null;
    }
);

export type ApplyInput = IterationRef & { hypothesis: Hypothesis };

export type ApplyAnswer =
  | { kind: 'applied'; tree: string; files: string[] }
  | { kind: 'refused'; reason: 'edit-refused' | 'duplicate' | 'build-failed'; detail: string; tree: string | null };

export type TestInput = IterationRef & { tree: string };

/** A failed guard has no further detail. */
export type TestAnswer =
  { kind: 'passed' } | { kind: 'failed'; reason: 'tests-failed' | 'guard-failed'; detail: string };

export type BenchmarkInput = TestInput;

/** An accepted verdict may meet an objection; then nothing is committed. */
export type BenchmarkAnswer =
  | { kind: 'judged'; verdict: RecordedVerdict; objection: Objection | null }
  | { kind: 'failed'; reason: 'benchmark-failed' | 'infrastructure'; detail: string };

export type ChallengeInput = TestInput;

export type ChallengeAnswer = { kind: 'withstood' } | ({ kind: 'failed' } & ChallengeObjection);

/** Facts of an iteration at its end, from which commit and rollback make the record. */
export interface IterationFacts extends IterationRef {
  hypothesis: Hypothesis | null;
  tree: string | null;
  verdict: RecordedVerdict | null;
  attempts: number;
  tokens: number;
  /** Working time of the steps before this one. Default 0. */
  seconds?: number;
  spent?: Spent;
  screened?: Screened[];
}

export type CommitAnswer =
  | { kind: 'committed'; commit: string }
  /** Somebody else moved the champion; the loop goes on from there. */
  | { kind: 'stale'; detail: string; champion: string };

export interface RollbackInput extends IterationFacts {
  reason: Reason;
  detail: string;
}

/** Tells what the record says: as asked, unless this iteration had one already. */
export interface RollbackAnswer {
  outcome: Outcome;
  /** null if the earlier record is a commit. */
  reason: Reason | null;
  /** The earlier record's commit, whose answer never reached the workflow; or the one that goes back. */
  commit?: string;
}

/** Result of an iteration's workflow. */
export interface IterationResult extends Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'tokens'> {
  /** The champion after the iteration. */
  champion: string;
  title: string;
  /** Working time of its steps, which the budget of hours counts. */
  seconds: number;
  spent: Spent;
  /** The first line of why it was not committed; empty where it was. */
  detail: string;
  /** A fault that will not pass by itself, such as a model that is gone: no further iteration can begin. */
  fault: string | null;
  /** What was measured, in words: "12.3 % better (95 % +9.0 % to +16.0 %, 8 pairs)"; null where nothing was. */
  measured: string | null;
  /** The same as a ratio, and its pairs; see ReportedGain. */
  ratio?: number | null;
  pairs?: number | null;
  /** The told gain of a commit as a ratio, else null; see ReportedGain. */
  reportedRatio: number | null;
  /** Set once the source has nothing left to try. */
  isLast?: boolean;
  /** Answers without a verdict; absent where there were none. */
  screened?: Pick<Screened, 'where' | 'seconds'>[];
}

/** An answer with its attempt's working time and its waits, by a clock that stands still while the machine sleeps. */
export type WithSeconds<T> = T & { seconds?: number; waited?: number };

/** Type of the failure that ends a loop, as its cause will not pass by itself. */
export type LastingFault = 'LastingFault';

/** The activities by name: the steps, `prepare` before the first iteration and `finish` after the last. */
export interface Steps {
  prepare(input: PrepareInput): Promise<WithSeconds<PreparedLoop>>;
  collect(input: IterationRef): Promise<WithSeconds<CollectAnswer | ChampionFailure>>;
  analyze(input: AnalyzeInput): Promise<WithSeconds<AnalyzeAnswer>>;
  hypothesize(input: HypothesizeInput): Promise<WithSeconds<HypothesizeAnswer>>;
  screen(input: ScreenInput): Promise<WithSeconds<ScreenAnswer>>;
  apply(input: ApplyInput): Promise<WithSeconds<ApplyAnswer>>;
  test(input: TestInput): Promise<WithSeconds<TestAnswer>>;
  benchmark(input: BenchmarkInput): Promise<WithSeconds<BenchmarkAnswer>>;
  challenge(input: ChallengeInput): Promise<WithSeconds<ChallengeAnswer>>;
  commit(input: IterationFacts): Promise<WithSeconds<CommitAnswer>>;
  rollback(input: RollbackInput): Promise<WithSeconds<RollbackAnswer>>;
  finish(input: FinishInput): Promise<WithSeconds<FinishAnswer>>;
}

export interface FinishInput extends LoopRef {
  /** Measures base and champion; false after an immediate stop. */
  measure: boolean;
}

/** Reason why the champion waits in a ref of its own: somebody has the branch checked out, or moved it. */
export type BranchPending = 'checked out' | 'moved';

export interface FinishAnswer {
  champion: string;
  branchPending: BranchPending | null;
  /** Base against final champion, measured afresh; null if nothing was committed, or nothing could be measured. */
  headToHead: HeadToHead | null;
  /** The same in words: "48.5 % better (95 % +47.0 % to +49.9 %, 20 pairs)". */
  headline?: string | null;
}

/** The loop's whole gain, measured; the commits' ratios are never multiplied. */
export interface HeadToHead {
  base: string;
  champion: string;
  pairs: number;
  /** Median ratio champion/base, inverted for "higher": below 1 is a gain. */
  ratio: number;
  /** Anytime-valid 95 % interval of it. */
  interval: [low: number, high: number];
  better: 'lower' | 'higher';
  /** Set where differences are judged; see DecisionPolicy. */
  minDifference?: number;
  unit: string;
}
