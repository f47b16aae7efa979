import type { IterationRecord } from './record.ts';
import type { EarlierIterations } from '../steps.ts';

/** Sums up a ledger's records as a running loop counts: a cancelled iteration is no failure in a row. */
export function sumRecords(
  records: readonly Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'tokens' | 'seconds'>[],
): EarlierIterations {
  const sums = { committed: 0, rolledBack: 0, failed: 0, consecutiveFailures: 0, tokens: 0, seconds: 0 };
  for (const { outcome, reason, tokens, seconds } of [...records].sort((a, b) => a.iteration - b.iteration)) {
    sums[outcome] += 1;
    if (outcome !== 'failed') sums.consecutiveFailures = 0;
    else if (reason !== 'cancelled') sums.consecutiveFailures += 1;
    sums.tokens += tokens;
    sums.seconds += seconds ?? 0;
  }
  return sums;
}
