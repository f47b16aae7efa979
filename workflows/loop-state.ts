import { patched } from '@temporalio/workflow';
import type { EarlierIterations, IterationResult, PreparedLoop } from '../domain/steps.ts';
import type { LoopPhase, LoopStatus, StopReason } from './messages.ts';

/** What iterations add up to. */
type Tally = Pick<
  LoopStatus,
  'committed' | 'rolledBack' | 'failed' | 'consecutiveFailures' | 'tokens' | 'hours' | 'last'
>;

/** What a loop hands to its next run when it continues as new; all of it is plain JSON, and it never grows. */
export interface CarriedState {
  prepared: PreparedLoop;
  /** The champion now. */
  champion: string;
  /** Number of the next iteration. */
  next: number;
  tally: Tally;
  paused: boolean;
  stopRequested: boolean;
  /** Iterations of one run, before it continues as new. Default 100, about 920 events, which two busy cores replay in less than 2 s. */
  perRun: number;
}

export interface LoopState extends Omit<CarriedState, 'prepared' | 'champion'> {
  loopId: string;
  prepared: PreparedLoop | null;
  champion: string | null;
  /** The iteration under way, or the last one. */
  current: number;
  /** Whether it waits, paused, between two iterations. */
  waiting: boolean;
  stop: StopReason | null;
  ended: boolean;
}

export function restoreState(loopId: string, carried: Partial<CarriedState>): LoopState {
  const { prepared = null, champion = null, next = 1, paused = false, stopRequested = false } = carried;
  // A loop that was begun with longer runs replays them.
  const perRun = carried.perRun ?? (patched('runs-of-100-iterations') ? 100 : 200);
  const tally =
    carried.tally ?? tallyOf({ committed: 0, rolledBack: 0, failed: 0, consecutiveFailures: 0, tokens: 0, seconds: 0 });
  const now = { waiting: false, stop: null, ended: false };
  return { loopId, prepared, champion, next, tally, paused, stopRequested, perRun, current: next - 1, ...now };
}

/** What earlier iterations used up counts: a loop whose server was lost goes on with the budget that it had left. */
export function tallyOf({ seconds, ...sums }: EarlierIterations): Tally {
  const { committed, rolledBack, failed, consecutiveFailures, tokens } = sums;
  return { committed, rolledBack, failed, consecutiveFailures, tokens, hours: seconds / 3_600, last: null };
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
    stop: loop.stop ?? (loop.stopRequested ? 'stop request' : null),
  };
}

/** Why no further iteration may begin, in the order in which the reasons are named; null to go on. */
export function stopReason(
  { stopRequested, next, tally }: LoopState,
  limits: PreparedLoop['limits'],
): StopReason | null {
  if (stopRequested) return 'stop request';
  if (next > limits.iterations) return 'iterations';
  if (tally.hours >= limits.hours) return 'hours';
  if (tally.tokens >= limits.tokens) return 'tokens';
  if (tally.consecutiveFailures >= limits.consecutiveFailures) return 'consecutive failures';
  return null;
}

export function count(loop: LoopState, result: IterationResult): void {
  const { outcome, reason, iteration, title } = result;
  const { tally } = loop;
  tally[outcome] += 1;
  // A cancel tells nothing about whether the loop works.
  if (outcome !== 'failed') tally.consecutiveFailures = 0;
  else if (reason !== 'cancelled') tally.consecutiveFailures += 1;
  tally.tokens += result.tokens;
  tally.hours += result.seconds / 3_600;
  tally.last = { iteration, outcome, reason, title };
  loop.champion = result.champion;
  loop.next = iteration + 1;
}

function phaseOf({ ended, stop, stopRequested, paused, waiting, prepared }: LoopState): LoopPhase {
  if (ended) return 'ended';
  if (stop || stopRequested) return 'stopping';
  if (paused) return waiting ? 'paused' : 'pausing';
  return prepared ? 'running' : 'preparing';
}
