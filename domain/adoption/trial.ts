import type { IterationResult } from '../steps.ts';

/** Memory that a worker on trial may have: so much times the last good build's, and this much more, in MiB. */
const [memoryFactor, moreMiB] = [2, 256];
/** Iterations in a row that tell something, and the chance of a false alarm. */
const [fewest, falseAlarm] = [3, 0.01];

/** Says if a worker needs far more memory than the one before it; null where it does not. */
export function memoryProblem(beforeMiB: number, nowMiB: number): string | null {
  return nowMiB > memoryFactor * beforeMiB + moreMiB
    ? `its worker needs ${Math.round(nowMiB)} MiB, where the one before needed ${Math.round(beforeMiB)}`
    : null;
}

type Reason = IterationResult['reason'];

/** Tells if an iteration came to no edit: what a build that asks, reads or places wrongly makes of each. */
export function cameToNothing(reason: Reason): boolean {
  return reason === 'no-hypothesis' || reason === 'edit-refused';
}

/** Says if all iterations on trial came to no edit, too rarely to be chance at the share of those before. */
export function outcomesProblem(before: readonly Reason[], during: readonly Reason[]): string | null {
  if (during.length < fewest || !during.every(cameToNothing)) return null;
  const failed = before.filter(cameToNothing).length;
  // Counts one of each more, so that few say little.
  const share = (failed + 1) / (before.length + 2);
  if (share ** during.length >= falseAlarm) return null;
  return `all ${during.length} iterations on it came to no edit, where ${failed} of ${before.length} before it did`;
}
