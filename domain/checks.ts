/** Inputs and answers of `verify`, `doctor` and `pick`: measurements for a person. `pick` alone writes, a new branch. */
import type { BenchmarkFacts } from './benchmark/facts.ts';
import type { BaseRuns } from './protection/flaky-tests.ts';
import type { RecordedVerdict } from './verdict/decision.ts';
import type { MeasuredPair } from './verdict/pair.ts';
import type { BenchmarkRun } from './verdict/noise.ts';
import type { IterationRecord } from './ledger/record.ts';
import type { HeadToHead, Hotspot, LoopRef, WithSeconds } from './steps.ts';

/** A commit to be measured against its parent, by the benchmark of a loop that has a ledger in the repository. */
export interface VerifyInput extends LoopRef {
  commit: string;
}

/** accepted: confirmed; rejected: not confirmed; undecided: undetermined. */
export interface VerifyAnswer extends Omit<RecordedVerdict, 'verdict'> {
  verdict: 'confirmed' | 'not confirmed' | 'undetermined';
  loopId: string;
  commit: string;
  parent: string;
  unit: string;
  /** Seed of the coin, and the samples [parent, commit]: what recomputes the verdict. */
  seed: number;
  samples: MeasuredPair[];
  sandbox: IterationRecord['sandbox'];
}

/** Commits of a loop that are to stand alone on its base, on a new branch. */
export interface PickInput extends LoopRef {
  /** Numbers of committed iterations. */
  iterations: number[];
  /** Without refs/heads/. */
  branch: string;
}

/** The new branch, and base against its tip. */
export interface PickAnswer {
  loopId: string;
  branch: string;
  /** Its tip. */
  commit: string;
  /** The oldest first; `original` is the loop's own commit. */
  commits: { iteration: number; original: string; commit: string }[];
  /** By the interval: all of it a gain, none of it, or neither. */
  verdict: VerifyAnswer['verdict'];
  headToHead: HeadToHead;
  /** Seed of the coin, and the samples [base, tip]. */
  seed: number | null;
  samples: MeasuredPair[];
  /** Held-out tests passed too. */
  isGuarded: boolean;
  sandbox: IterationRecord['sandbox'];
}

/** Chance that `verify` confirms a commit without any gain: one look at one commit, where a loop looks at many. */
export const verifyFalseRate = 0.05;

export interface DoctorInput {
  /** A LoopConfig as somebody wrote it; checked by the activity. */
  config: unknown;
  /** Runs on the base of what varies: benchmark and side metrics. An exact benchmark runs three times. */
  runs: number;
}

/** The base of a loop, run again and again. */
export interface DoctorAnswer {
  baseSha: string;
  workspace: 'readonly' | 'copy';
  /** Consecutive ones, after one that is not counted. */
  runs: BenchmarkRun[];
  /** Numbers of as many runs of each side metric that varies, likewise. */
  sideRuns: { name: string; values: number[] }[];
  /** Runs of the tests, which show flaky ones. */
  testRuns: BaseRuns;
  /** The change that makes the tests print their names; null where they do, or none is known. */
  naming: string | null;
  /** Where a run's time goes; null where the config asks for no profile. */
  profile: { editable?: number | null; hotspots: Hotspot[]; doubt: string | null } | null;
  /** Null where the tests are slow, or cannot be run over altered sources. */
  unnoticed: Unnoticed | null;
  /** Files that no proposal can ever change, one line a kind. */
  notes: string[];
  /** Why a loop's source would have nothing to do, one line each. */
  problems: string[];
  /** Wall time of the tests, and of one run of the benchmark with bringing up its sandbox, in ms. */
  testMs: number;
  runMs: number;
  /** What `prepare` finds out about it too. */
  benchmark: BenchmarkFacts;
  sandbox: IterationRecord['sandbox'];
}

/** How the base's tests fare over what is broken. */
export interface Unnoticed {
  /** Functions that were made to throw, one at a time. */
  tried: number;
  /** Those of them over which the tests pass. */
  unnoticed: string[];
  /** False where they pass though each was ended by a failing assertion, or none could be. */
  canFail: boolean;
}

/** A line of `doctor`: subject, state, and a remedy where there is one. */
export interface Finding {
  subject: string;
  state: 'ok' | 'warning' | 'failure';
  fact: string;
  remedy: string | null;
  /** What a program printed that failed, line by line, set in. */
  output?: string[];
}

/** The activities by name. */
export interface Checks {
  verify(input: VerifyInput): Promise<WithSeconds<VerifyAnswer>>;
  pick(input: PickInput): Promise<WithSeconds<PickAnswer>>;
  doctor(input: DoctorInput): Promise<WithSeconds<DoctorAnswer>>;
}
