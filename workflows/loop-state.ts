import type { EarlierIterations, IterationResult, PreparedLoop } from '../domain/steps.ts';
import type { LoopPhase, LoopStatus, StopReason } from './messages.ts';

/** Sums over the iterations. */
type Tally = Pick<
  LoopStatus,
  'committed' | 'rolledBack' | 'failed' | 'consecutiveFailures' | 'tokens' | 'hours' | 'last'
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
  ended: boolean;
}

export function restoreState(loopId: string, carried: Partial<CarriedState>): LoopState {
  const nothing = { committed: 0, rolledBack: 0, failed: 0, consecutiveFailures: 0, tokens: 0, seconds: 0 };
  const fresh = { prepared: null, champion: null, next: 1, tally: tallyOf(nothing), perRun: 100 };
  const state = { ...fresh, paused: false, stopRequested: false, hint: null, ...carried };
  return { ...state, loopId, current: state.next - 1, waiting: false, stop: null, ended: false };
}

/** Counts a ledger's earlier iterations: a loop whose server was lost goes on with the budget that it had left. */
export function tallyOf({ seconds, ...sums }: EarlierIterations): Tally {
  return { ...sums, hours: seconds / 3_600, last: null };
}

export function statusOf(loop: LoopState): LoopStatus {
  const { loopId, current, champion, prepared, tally } = loop;
  return {
    loopId,
    phase: phaseOf(loop),
    iteration: current,
    iterations: prepared?.limits.iterations ?? 0,
    champion,
    ...tally,
    model: prepared?.model ?? null,
    summary: prepared?.summary ?? null,
    notes: prepared?.notes ?? [],
    hint: loop.hint,
    stop: loop.stop ?? (loop.stopRequested ? 'stop request' : null),
  };
}

/** Returns the first rule by which no further iteration may begin; null to go on. */
export function stopReason(loop: LoopState, limits: PreparedLoop['limits']): StopReason | null {
  const { stopRequested, next, tally } = loop;
  if (stopRequested) return 'stop request';
  // A metric that fell to 0, the only ratio of 0, cannot get better.
  if (tally.last?.reportedRatio === 0) return 'nothing left to gain';
  if (next > limits.iterations) return 'iterations';
  if (tally.hours >= limits.hours) return 'hours';
  if (tally.tokens >= limits.tokens) return 'tokens';
  if (tally.consecutiveFailures >= limits.consecutiveFailures) return 'consecutive failures';
  return null;
}

export function count(loop: LoopState, result: IterationResult): void {
  const { outcome, reason, iteration, title, reportedRatio } = result;
  const { tally } = loop;
  tally[outcome] += 1;
  // A cancel does not show that the loop fails.
  if (outcome !== 'failed') tally.consecutiveFailures = 0;
  else if (reason !== 'cancelled') tally.consecutiveFailures += 1;
  tally.tokens += result.tokens;
  tally.hours += result.seconds / 3_600;
  tally.last = { iteration, outcome, reason, title, reportedRatio };
  loop.champion = result.champion;
  loop.next = iteration + 1;
}

function phaseOf({ ended, stop, stopRequested, paused, waiting, prepared }: LoopState): LoopPhase {
  if (ended) return 'ended';
  if (stop || stopRequested) return 'stopping';
  if (paused) return waiting ? 'paused' : 'pausing';
  return prepared ? 'running' : 'preparing';
}
