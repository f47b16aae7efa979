import type { Corroboration } from '../verdict/corroboration.ts';
import type { Challenge } from './challenge.ts';
import { cleanScreened, type Screened } from './screened.ts';
import { toBlock, toLine, type CleanLine, type CleanText } from '../text.ts';
import type { DecisionPolicy, RecordedVerdict } from '../verdict/decision.ts';
import type { Spent } from './spent.ts';
import type { MeasuredPair } from '../verdict/pair.ts';
import type { SidePolicy, SideVerdict } from '../verdict/side-metric.ts';
import type { UnseededPairs } from '../verdict/integrity/unseeded.ts';

export const outcomes = ['committed', 'rolledBack', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

/** Why an iteration was not committed. */
export type Reason = FailedReason | RefusedReason | MeasuredReason | Objection['reason'] | 'stale';
type FailedReason = 'no-hypothesis' | 'edit-refused' | 'champion-failed' | 'cancelled' | 'infrastructure';
type RefusedReason =
  'duplicate' | 'build-failed' | 'tests-failed' | 'guard-failed' | 'tests-blind' | 'behaviour-changed';
type MeasuredReason = 'benchmark-failed';

/** The record of one iteration in the ledger, accepted or not. Plain JSON, the same on every retry. */
export interface IterationRecord extends Pick<Challenge, 'replay' | 'broken'> {
  version: 1;
  loopId: string;
  /** From 1, without gaps. */
  iteration: number;
  outcome: Outcome;
  reason: Reason | null;
  /** An error or the last lines of a test, at most 2,000 characters. */
  detail: CleanText;
  /** ISO 8601; recorded by the loop when the iteration began, and the time of its commits. */
  startedAt: string;
  /** Commit that was the champion when the iteration began. */
  champion: string;
  /** Tree of the candidate, and its commit if it was committed; where the champion failed, those that it went back to. */
  candidate: {
    tree: string;
    commit: string | null;
    /** Digest of what differs from the base, without comments, white space and local names. */
    program?: string;
  } | null;
  hypothesis: {
    title: CleanLine;
    rationale: CleanText;
    files: CleanLine[];
    /** Code that it was asked about: "src/lexer.js: Lexer.next". */
    target?: CleanLine;
  } | null;
  /** Its source, such as "ollama qwen2.5-coder:7b". */
  model: CleanLine;
  /** Hypotheses asked for, repairs included. */
  attempts: number;
  tokens: number;
  /** Working time of its steps. */
  seconds?: number;
  spent?: Spent;
  verdict: RecordedVerdict | null;
  /** Answers drawn beside the hypothesis; absent where there were none. */
  screened?: Screened[];
  /** Absent unless its tests failed. */
  failedTests?: TestFailure;
  /** "bubblewrap", or "none" where the worker's owner allowed it. */
  sandbox: 'bubblewrap' | 'none';
}

/** A candidate's failed tests. */
export interface TestFailure {
  /** The visible ones, as far as their output names them. */
  names: string[];
  /** Set if they might pass another time, so that the candidate may come again. */
  isUnstable: boolean;
}

/** Reads a record from a ledger, whose text anybody may have written. @throws where it is none */
export function parseRecord(json: string): IterationRecord {
  try {
    const { detail, hypothesis, model, screened, ...rest } = JSON.parse(json) as IterationRecord;
    return {
      ...rest,
      ...(screened && { screened: cleanScreened(screened) }),
      detail: toBlock(detail),
      hypothesis: hypothesis && {
        title: toLine(hypothesis.title),
        rationale: toBlock(hypothesis.rationale),
        files: hypothesis.files.map((file) => toLine(file)),
        ...(hypothesis.target !== undefined && { target: toLine(hypothesis.target, 300) }),
      },
      model: toLine(model),
    };
  } catch (error) {
    const remedy = 'restore the ledger, or remove it (npx karpathy-loop clean --refs <loopId>)';
    throw new Error(`ledger: a record cannot be read (${toLine(json, 80)}); ${remedy}`, { cause: error });
  }
}

/** Why a measured candidate is not committed. */
export interface Objection {
  reason: 'slower' | 'below-bar' | 'undecided' | 'uncorroborated' | 'side-metric-worse' | 'side-metric-unknown';
  detail: string;
}

/** The raw samples behind a verdict; lies beside the record. */
export interface Evidence {
  version: 1;
  /** Seed of the order of the pairs. */
  seed: number;
  unit: string;
  /** The terms of the verdict. */
  policy: DecisionPolicy;
  /** In order of measurement. */
  pairs: MeasuredPair[];
  /** The fresh pairs after acceptance. */
  fresh: MeasuredPair[];
  /** What the loop's own clock saw; null where none was asked. */
  corroboration: Corroboration | null;
  /** The pairs without BENCH_SEED after acceptance; null where there are none. */
  unseeded: UnseededPairs | null;
  /** Share by which no member of a suite may be worse; absent where there is one alone. */
  floor?: number;
  side: SideEvidence[];
  /** Why the candidate could not be judged, whatever its pairs say; else null. */
  failure: string | null;
}

/** The pairs of one side metric, and their verdict. */
export interface SideEvidence extends SidePolicy, Pick<SideVerdict, 'verdict' | 'estimate'> {
  name: string;
  seed: number;
  pairs: MeasuredPair[];
}

const failed: ReadonlySet<Reason> = new Set<FailedReason>([
  'no-hypothesis',
  'edit-refused',
  'champion-failed',
  'cancelled',
  'infrastructure',
]);

/** The outcome that goes with a reason; null is the commit. */
export function outcomeOf(reason: Reason | null): Outcome {
  if (reason === null) return 'committed';
  return failed.has(reason) ? 'failed' : 'rolledBack';
}
