import type { WorkflowInfo } from '@temporalio/workflow';
import type { Reason } from '../domain/ledger/record.ts';
import type { EarlierIterations, IterationResult, LoopLimits, PreparedLoop } from '../domain/steps.ts';
import { sumOf } from './iteration-context.ts';
import type { LoopPhase, LoopStatus, StopReason } from './messages.ts';

/** Ends that bring nothing new to measure; others that bring no verdict are the machine's doing. */
const stagnant: ReadonlySet<Reason | null> = new Set<Reason>(['duplicate', 'no-hypothesis', 'edit-refused']);
const unrelated: ReadonlySet<Reason | null> = new Set<Reason>(['cancelled', 'infrastructure', 'stale']);

const maxRecent = 10;

/** Sums over the iterations. */
type Tally = Pick<
  LoopStatus,
  | 'committed'
  | 'rolledBack'
  | 'failed'
  | 'consecutiveFailures'
  | 'stagnation'
  | 'tokens'
  | 'hours'
  | 'spent'
  | 'last'
  | 'recent'
>;

/** State that a loop hands to its next run when it continues as new: plain JSON that never grows. */
export interface CarriedState {
  prepared: PreparedLoop;
  champion: string;
  /** Number of the next iteration. */
  next: number;
  tally: Tally;
  paused: boolean;
  stopRequested: boolean;
  /** A person's words for the briefs. */
  hint: string | null;
  /** Iterations of one run, before it continues as new. Default 100: about 920 events, replayed in less than 2 s. */
  perRun: number;
}

export interface LoopState extends Omit<CarriedState, 'prepared' | 'champion'> {
  loopId: string;
  prepared: PreparedLoop | null;
  champion: string | null;
  /** The iteration under way, or the last one. */
  current: number;
  /** True between two iterations of a paused loop. */
  waiting: boolean;
  stop: StopReason | null;
  headline: string | null;
  /** Signals that were not taken. */
  ignored: string[];
  /** What will not pass by itself, and ends the loop. */
  fault: string | null;
  ended: boolean;
}

/**
 * Says why a loop cannot begin with what it was given beside its config; null where it can. A person may give `perRun`
 * alone: all else is a loop's own word to its next run, and would be believed.
 */
export function inputProblem(
  carried: unknown,
  { continuedFromExecutionRunId, cronSchedule }: Pick<WorkflowInfo, 'continuedFromExecutionRunId' | 'cronSchedule'>,
): string | null {
  if (cronSchedule)
    return 'cron: each run would have the id and the full ledger of the first; use a schedule ("npx karpathy-loop schedule create")';
  if (carried === undefined) return null;
  const { perRun, ...rest } =
    typeof carried === 'object' && carried !== null ? (carried as Partial<CarriedState>) : { perRun: 0 };
  const remedy = 'give one JSON object, the config';
  if (perRun !== undefined && !(Number.isInteger(perRun) && perRun > 0))
    return `input: the second value is ${JSON.stringify(carried).slice(0, 40)}; ${remedy}`;
  const [own] = continuedFromExecutionRunId ? [] : Object.keys(rest);
  return own === undefined
    ? null
    : `input: the second value has "${own}", which only a loop hands to its next run; ${remedy}`;
}

export function restoreState(loopId: string, carried: Partial<CarriedState>): LoopState {
  const counts = { committed: 0, rolledBack: 0, failed: 0, consecutiveFailures: 0, stagnation: 0 };
  const nothing = { ...counts, tokens: 0, seconds: 0, spent: { model: 0, benchmark: 0, waiting: 0 } };
  const fresh = { prepared: null, champion: null, next: 1, perRun: 100 };
  const state = { ...fresh, paused: false, stopRequested: false, hint: null, ...carried };
  // A loop that began before a field was counted lacks it.
  const tally = { ...tallyOf(nothing), ...carried.tally };
  const begun = { current: state.next - 1, waiting: false, stop: null, headline: null, ignored: [], fault: null };
  return { ...state, ...begun, tally, loopId, ended: false };
}

/** Counts a ledger's earlier iterations: a loop whose server was lost goes on with the budget that it had left. */
export function tallyOf({ seconds, ...sums }: EarlierIterations): Tally {
  return { ...sums, hours: seconds / 3_600, last: null, recent: [] };
}

export function statusOf(loop: LoopState): LoopStatus {
  const { loopId, current, champion, prepared, tally } = loop;
  return {
    loopId,
    repository: prepared?.repository ?? null,
    branch: prepared?.branch ?? null,
    phase: phaseOf(loop),
    iteration: current,
    iterations: prepared?.limits.iterations ?? 0,
    champion,
    ...tally,
    model: prepared?.model ?? null,
    summary: prepared?.summary ?? null,
    notes: prepared?.notes ?? [],
    headline: loop.headline,
    hint: loop.hint,
    ignored: loop.ignored,
    stop: loop.stop ?? (loop.stopRequested ? 'stop request' : null),
  };
}

/** Returns the first rule by which no further iteration may begin; null to go on. */
export function stopReason(loop: LoopState, limits: LoopLimits): StopReason | null {
  const { stopRequested, next, tally, fault } = loop;
  if (fault) return 'lasting fault';
  if (stopRequested) return 'stop request';
  // A metric that fell to 0, the only ratio of 0, cannot get better.
  if (tally.last?.reportedRatio === 0) return 'nothing left to gain';
  if (tally.last?.isLast) return 'nothing left to try';
  if (next > limits.iterations) return 'iterations';
  if (tally.hours >= limits.hours) return 'hours';
  if (tally.spent.model / 3_600 >= (limits.modelHours ?? Infinity)) return 'model hours';
  if (tally.spent.benchmark / 3_600 >= (limits.benchmarkHours ?? Infinity)) return 'benchmark hours';
  if (tally.tokens >= limits.tokens) return 'tokens';
  if (tally.consecutiveFailures >= limits.consecutiveFailures) return 'consecutive failures';
  if (tally.stagnation >= (limits.stagnation ?? Infinity)) return 'stagnation';
  return null;
}

export function count(loop: LoopState, result: IterationResult): void {
  const { outcome, reason, iteration, title, reportedRatio, measured, detail, isLast } = result;
  const { tally } = loop;
  tally[outcome] += 1;
  // A cancel does not show that the loop fails.
  if (outcome !== 'failed') tally.consecutiveFailures = 0;
  else if (reason !== 'cancelled') tally.consecutiveFailures += 1;
  if (stagnant.has(reason)) tally.stagnation += 1;
  else if (!unrelated.has(reason)) tally.stagnation = 0;
  tally.spent = sumOf(tally.spent, result.spent);
  tally.tokens += result.tokens;
  tally.hours += result.seconds / 3_600;
  tally.last = { iteration, outcome, reason, title, detail, measured, reportedRatio, ...(isLast && { isLast }) };
  tally.recent = [...tally.recent, tally.last].slice(-maxRecent);
  loop.fault = result.fault;
  loop.champion = result.champion;
  loop.next = iteration + 1;
}

function phaseOf({ ended, stop, stopRequested, paused, waiting, prepared }: LoopState): LoopPhase {
  if (ended) return 'ended';
  if (stop || stopRequested) return 'stopping';
  if (paused) return waiting ? 'paused' : 'pausing';
  return prepared ? 'running' : 'preparing';
}
