import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Finding } from '../domain/adoption/adoption.ts';
import type { Reason } from '../domain/ledger/record.ts';
import type { Spent } from '../domain/ledger/spent.ts';
import type { BranchPending, HeadToHead, IterationResult } from '../domain/steps.ts';

/** `pausing` and `stopping`: requested while an iteration is under way. */
export type LoopPhase = 'preparing' | 'running' | 'pausing' | 'paused' | 'stopping' | 'ended';

export interface LoopStatus {
  loopId: string;
  /** Null before the loop is prepared, as is the branch. */
  repository: string | null;
  branch: string | null;
  phase: LoopPhase;
  /** The iteration under way, or the last one; 0 before the first. */
  iteration: number;
  iterations: number;
  champion: string | null;
  committed: number;
  rolledBack: number;
  failed: number;
  consecutiveFailures: number;
  /** Iterations in a row that brought nothing new to measure. */
  stagnation: number;
  tokens: number;
  /** Working time of iterations, in hours. */
  hours: number;
  spent: Spent;
  model: string | null;
  summary: string | null;
  /** Doubts about the benchmark, one line each. */
  notes: string[];
  last: EndedIteration | null;
  /** The newest, at most 10, the last one too. */
  recent: EndedIteration[];
  /** The loop's whole gain in words, measured at its end. */
  headline: string | null;
  /** A person's words that every brief carries now. */
  hint: string | null;
  /** Signals that were not taken, and why, the newest 3. */
  ignored: string[];
  stop: StopReason | null;
}

/** How an iteration ended, for people. */
export interface EndedIteration extends Pick<IterationResult, 'iteration' | 'outcome' | 'reason' | 'title' | 'isLast'> {
  /** The first line of why it was not committed. */
  detail?: string;
  /** In words; null where nothing was measured. */
  measured: string | null;
  reportedRatio: number | null;
}

export type StopReason =
  BudgetReason | 'nothing left to gain' | 'nothing left to try' | 'lasting fault' | 'stop request' | 'cancelled';
type BudgetReason =
  'iterations' | 'hours' | 'model hours' | 'benchmark hours' | 'tokens' | 'consecutive failures' | 'stagnation';

/** Result of `karpathyLoop`. */
export type LoopResult = LoopStatus & { branchPending: BranchPending | null; headToHead: HeadToHead | null };

export interface IterationStatus {
  iteration: number;
  /** The machine's state: the step under way, or how it ended. */
  state: string;
  title: string | null;
  attempt: number;
  /** Why the hypothesis before is not gone on with, while its repair is asked for; else null. */
  repairOf: Reason | null;
  /** Tells people that a host was lost and where the iteration goes on; else null. */
  hostLost: string | null;
}

export interface AdoptionStatus {
  commit: string;
  /** The machine's state: the step under way, or how it ended. */
  state: string;
  findings: readonly Finding[];
}

// A signal does the same as the update of its name; only the update answers.
export const statusQuery = defineQuery<LoopStatus>('status');
export const iterationStatusQuery = defineQuery<IterationStatus>('status');
export const adoptionStatusQuery = defineQuery<AdoptionStatus>('status');

export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
/** `now` cancels the iteration under way, which rolls back; else the loop ends after it. */
export const stopSignal = defineSignal<[{ now?: boolean }?]>('stop');
/** Words for every brief from the next iteration on, in place of those before; an empty text takes them back. */
export const hintSignal = defineSignal<[{ text: string }]>('hint');
export const pauseUpdate = defineUpdate<LoopStatus>('pause');
export const resumeUpdate = defineUpdate<LoopStatus>('resume');
export const stopUpdate = defineUpdate<LoopStatus, [{ now?: boolean }?]>('stop');
export const hintUpdate = defineUpdate<LoopStatus, [{ text: string }]>('hint');
