import type { IterationRecord } from './record.ts';
import type { EarlierIterations } from '../steps.ts';

/** What the records of a ledger add up to, by the rules by which a running loop counts: a cancel tells nothing about whether it works. */
export function sumRecords(
  records: readonly Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'tokens' | 'seconds'>[],
): EarlierIterations {
  const sums: EarlierIterations = {
    committed: 0,
    rolledBack: 0,
    failed: 0,
    consecutiveFailures: 0,
    tokens: 0,
    seconds: 0,
  };
  for (const { outcome, reason, tokens, seconds } of [...records].sort((a, b) => a.iteration - b.iteration)) {
    sums[outcome] += 1;
    if (outcome !== 'failed') sums.consecutiveFailures = 0;
    else if (reason !== 'cancelled') sums.consecutiveFailures += 1;
    sums.tokens += tokens;
    sums.seconds += seconds ?? 0;
  }
  return sums;
}
