import { timeText } from '../ledger/spent.ts';
import { toLine, type CleanLine } from '../text.ts';
import { defaultPatience, freshPairs, maxPairs, median } from './decision.ts';
import type { MeasuredPair } from './pair.ts';
import { toVerdict, type JudgeTerms } from './verdict.ts';

/** With fewer pairs, or nearer to the start, a guess of the time left would be worth nothing. */
const minPairs = 3;
const minShare = 0.1;

/**
 * Tells how far a decision is: "pair 8 of at most 60; 45 % of the way to accept, 0 % to reject; about 40 s left".
 * The ways are shares of log capitals; the time is that of these pairs, going on as they did, without waits.
 */
export function progressText(pairs: readonly MeasuredPair[], terms: JudgeTerms): CleanLine {
  const { policy } = terms;
  const next = pairs.length + 1;
  if (policy.noise === 'exact' || pairs.length === 0) return toLine(`pair ${next}`);
  const { verdict, pairs: decided, logCapitalReal, logCapitalBar } = toVerdict(pairs, terms);
  if (verdict !== 'continue') return toLine(`accepted; fresh pair ${next - decided}, of ${freshPairs} or more`);
  const toAccept = shareOf(logCapitalReal, -Math.log(policy.alpha));
  const toReject = shareOf(logCapitalBar, Math.log(policy.patience ?? defaultPatience));
  const way = `${percent(toAccept)} of the way to accept, ${percent(toReject)} to reject`;
  return toLine(`pair ${next} of at most ${maxPairs}; ${way}; ${timeLeft(pairs, Math.max(toAccept, toReject))}`);
}

function timeLeft(pairs: readonly MeasuredPair[], share: number): string {
  const each = median(pairs.map(({ wallMs: [champion, candidate] }) => (champion + candidate) / 1_000));
  const most = maxPairs - pairs.length;
  if (pairs.length < minPairs || share < minShare) return `at most ${timeText(most * each)} left`;
  return `about ${timeText(Math.min(most, pairs.length * (1 / share - 1)) * each)} left`;
}

function shareOf(log: number, end: number): number {
  return Math.min(1, Math.max(0, log / end));
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
