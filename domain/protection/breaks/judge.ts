/** Runs of a suite over something broken. */
export interface BrokenRun {
  passed: boolean;
  /** Tests that passed; null where the output does not say. */
  count: number | null;
}

/** `blind`: the same break is noticed on the base, time and again, and never so on the candidate. */
export type Notice = 'noticed' | 'not covered' | 'blind' | 'again';

/** Runs of each side before a candidate is called blind: a flaky test may fail on one side and pass on the other. */
export const sureRuns = 3;

/**
 * Judges a candidate's runs by the base's, over the same break. A suite that fails by fewer tests than the base's is
 * blind too.
 * @param flaky tests of the base that are known to fail now and then
 */
export function judgeBroken(base: readonly BrokenRun[], candidate: readonly BrokenRun[], flaky: number): Notice {
  if (base.some(({ passed }) => passed)) return 'not covered';
  const counts = base.map(({ count }) => count);
  const most = counts.every((count) => count !== null) ? Math.max(...counts) + flaky : null;
  const passesMore = ({ passed, count }: BrokenRun) => passed || (most !== null && count !== null && count > most);
  if (candidate.length > 0 && !candidate.every(passesMore)) return 'noticed';
  return Math.min(base.length, candidate.length) < sureRuns ? 'again' : 'blind';
}
