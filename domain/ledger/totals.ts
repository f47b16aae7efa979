import type { IterationRecord } from './record.ts';
import type { EarlierIterations } from '../steps.ts';
import type { Reason } from './record.ts';

/** Ends that bring nothing new to measure; others that bring no verdict are the machine's doing. As in the loop. */
const stagnant: ReadonlySet<Reason | null> = new Set<Reason>(['duplicate', 'no-hypothesis', 'edit-refused']);
const unrelated: ReadonlySet<Reason | null> = new Set<Reason>(['cancelled', 'infrastructure', 'stale']);

/** Sums up a ledger's records as a running loop counts: a cancelled iteration is no failure in a row. */
export function sumRecords(
  records: readonly Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'tokens' | 'seconds' | 'spent'>[],
): EarlierIterations {
  const spent = { model: 0, benchmark: 0, waiting: 0 };
  const counts = { committed: 0, rolledBack: 0, failed: 0, consecutiveFailures: 0, stagnation: 0 };
  const sums = { ...counts, tokens: 0, seconds: 0, spent };
  for (const { outcome, reason, tokens, seconds, spent: ofOne } of [...records].sort(
    (a, b) => a.iteration - b.iteration,
  )) {
    sums[outcome] += 1;
    if (outcome !== 'failed') sums.consecutiveFailures = 0;
    else if (reason !== 'cancelled') sums.consecutiveFailures += 1;
    if (stagnant.has(reason)) sums.stagnation += 1;
    else if (!unrelated.has(reason)) sums.stagnation = 0;
    for (const part of ['model', 'benchmark', 'waiting'] as const) spent[part] += ofOne?.[part] ?? 0;
    sums.tokens += tokens;
    sums.seconds += seconds ?? 0;
  }
  return sums;
}
