/**
 * What each step takes and returns: the contract between workflows/ and activities/.
 * Only small plain JSON crosses it: shas, digests, numbers, one hypothesis. Diffs, prompts and logs stay in git or in files.
 */
import type { Hypothesis } from './proposal/hypothesis.ts';
import type { Objection, Outcome, Reason, RecordedVerdict } from './ledger/record.ts';

/** Which loop: enough for a worker to find the prepared plan in its data directory or in the ledger. */
export interface LoopRef {
  loopId: string;
  repository: string;
}

/** Which iteration, from which champion. `startedAt` (ISO 8601) is recorded by the loop, so that repeated commits are equal. */
export interface IterationRef extends LoopRef {
  iteration: number;
  champion: string;
  startedAt: string;
}

export interface PrepareInput {
  loopId: string;
  /** A LoopConfig as somebody wrote it; checked here and nowhere else. */
  config: unknown;
  startedAt: string;
}

/** What the loop workflow needs to know of a prepared loop, so that it never reads a config field itself. */
export interface PreparedLoop extends LoopRef {
  /**
   * The loop's queue, for what no host owns: that of the worker that prepared where the repository is a path on its disk,
   * else the queue on which `prepare` itself ran, so that any worker can go on.
   */
  queue: string;
  champion: string;
  baseSha: string;
  /** From 1, or after the last record of a ledger that is there already. */
  nextIteration: number;
  limits: { iterations: number; hours: number; tokens: number; consecutiveFailures: number; repairs: number };
  /** Longest duration of one attempt of each step, in seconds. */
  stepSeconds: Record<StepName, number>;
  /** How long a step waits for the worker that it belongs to, in seconds, before that one is taken for lost. Default 600. */
  hostTimeoutSeconds?: number;
  /** What the iterations of a ledger that is there already add up to; absent where the loop is new. */
  earlier?: EarlierIterations;
  /** Who proposes, such as "embedded SmolLM2-135M-Instruct". */
  model: string;
  /** One paragraph for people: base, metric, model, sandbox, time of an iteration. */
  summary: string;
}

/** The sums over a ledger's records: a loop whose server was lost goes on with its budget, not with a new one. */
export interface EarlierIterations {
  committed: number;
  rolledBack: number;
  failed: number;
  consecutiveFailures: number;
  tokens: number;
  /** Working time of the steps. */
  seconds: number;
}

export type StepName = 'collect' | 'analyze' | 'hypothesize' | 'apply' | 'test' | 'benchmark' | 'commit' | 'rollback';

export interface CollectAnswer {
  /** Task queue of the worker that holds the champion's export and profile; the later steps run there. */
  queue: string;
  /** Name of the profile in the worker's store, or null where nothing could be profiled. */
  profile: string | null;
  /** The champion's metric, one run. */
  metric: number;
}

export interface Hotspot {
  file: string;
  /** Function name, or null where only the file is known. */
  name: string | null;
  /** 1-based line, or null. */
  line: number | null;
  /** Share of the profiled time, 0 to 1; null without a profile. */
  share: number | null;
}

export interface AnalyzeInput extends IterationRef {
  profile: string | null;
}

/** Hottest first, at most 8. */
export interface AnalyzeAnswer {
  hotspots: Hotspot[];
}

export interface HypothesizeInput extends IterationRef {
  hotspots: Hotspot[];
  metric: number;
  /** 0 for the first hypothesis, then the repairs. */
  attempt: number;
  /** What failed with the hypothesis before, for a repair. */
  previous: { hypothesis: Hypothesis; reason: Reason; detail: string } | null;
}

export type HypothesizeAnswer =
  { kind: 'hypothesis'; hypothesis: Hypothesis; tokens: number } | { kind: 'none'; detail: string; tokens: number };

export interface ApplyInput extends IterationRef {
  hypothesis: Hypothesis;
}

export type ApplyAnswer =
  | { kind: 'applied'; tree: string; files: string[] }
  | { kind: 'refused'; reason: 'edit-refused' | 'duplicate' | 'build-failed'; detail: string; tree: string | null };

export interface TestInput extends IterationRef {
  tree: string;
}

/** Of a guard there is no detail but that it failed. */
export type TestAnswer =
  { kind: 'passed' } | { kind: 'failed'; reason: 'tests-failed' | 'guard-failed'; detail: string };

export type BenchmarkInput = TestInput;

/** An accepted verdict may meet an objection; then nothing is committed. */
export type BenchmarkAnswer =
  | { kind: 'judged'; verdict: RecordedVerdict; objection: Objection | null }
  | { kind: 'failed'; reason: 'benchmark-failed' | 'infrastructure'; detail: string };

/** What is known of an iteration when it ends; commit and rollback make the record of it. */
export interface IterationFacts extends IterationRef {
  hypothesis: Hypothesis | null;
  tree: string | null;
  verdict: RecordedVerdict | null;
  attempts: number;
  tokens: number;
  /** Working time of the steps before this one; 0 where it is not known. */
  seconds?: number;
}

export type CommitAnswer =
  | { kind: 'committed'; commit: string }
  | {
      kind: 'stale';
      detail: string;
      /** What someone else moved it to; the loop goes on from there. */ champion: string;
    };

export interface RollbackInput extends IterationFacts {
  reason: Reason;
  detail: string;
}

/** How the record came out: as asked, unless one of this iteration was there already. */
export interface RollbackAnswer {
  outcome: Outcome;
  /** null where the record that was there is a commit. */
  reason: Reason | null;
  /** That commit: it was made, but the answer never reached the workflow. */
  commit?: string;
}

/** What an iteration's workflow returns to its loop. */
export interface IterationResult {
  iteration: number;
  outcome: Outcome;
  reason: Reason | null;
  /** The champion after it. */
  champion: string;
  title: string;
  tokens: number;
  /** Working time of its steps: what the budget's hours are made of. A night in which nothing ran costs nothing. */
  seconds: number;
  /** The reported ratio of a commit, else null. */
  reportedRatio: number | null;
}

/** A step's answer, with the time that this attempt worked, in seconds of a clock that stands still while the machine sleeps. */
export type WithSeconds<T> = T & { seconds?: number };

/** The activities by name: the steps, `prepare` before the first iteration and `finish` after the last. */
export interface Steps {
  prepare(input: PrepareInput): Promise<WithSeconds<PreparedLoop>>;
  collect(input: IterationRef): Promise<WithSeconds<CollectAnswer>>;
  analyze(input: AnalyzeInput): Promise<WithSeconds<AnalyzeAnswer>>;
  hypothesize(input: HypothesizeInput): Promise<WithSeconds<HypothesizeAnswer>>;
  apply(input: ApplyInput): Promise<WithSeconds<ApplyAnswer>>;
  test(input: TestInput): Promise<WithSeconds<TestAnswer>>;
  benchmark(input: BenchmarkInput): Promise<WithSeconds<BenchmarkAnswer>>;
  commit(input: IterationFacts): Promise<WithSeconds<CommitAnswer>>;
  rollback(input: RollbackInput): Promise<WithSeconds<RollbackAnswer>>;
  finish(input: FinishInput): Promise<WithSeconds<FinishAnswer>>;
}

export interface FinishInput extends LoopRef {
  /** Whether base and champion are measured: not after a stop that is to be quick. */
  measure: boolean;
}

/** The end of a loop: its branch follows if it was pending and is free now. */
export interface FinishAnswer {
  champion: string;
  /** Whether the branch is still checked out somewhere, so that the champion waits under refs/karpathy-loop/. */
  branchPending: boolean;
  /** Base against final champion, measured afresh; null where nothing was committed, or nothing could be measured. */
  headToHead: HeadToHead | null;
}

/** The loop's headline: never the product of what the commits claim. */
export interface HeadToHead {
  base: string;
  champion: string;
  pairs: number;
  /** Median ratio champion/base of what is to be low (inverted for "higher"): below 1 is a gain. */
  ratio: number;
  /** Anytime-valid 95 % interval of it. */
  interval: [low: number, high: number];
  better: 'lower' | 'higher';
  unit: string;
}
