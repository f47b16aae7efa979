import type { IterationRecord, Reason } from './record.ts';

type Facts = Pick<IterationRecord, 'reason' | 'champion' | 'candidate'>;

/** Failures in a row, of candidates that may be the champion's, after which the champion itself is looked at. */
const suspicious = 5;
const perhapsTheChampions: ReadonlySet<Reason | null> = new Set<Reason>([
  'tests-failed',
  'guard-failed',
  'benchmark-failed',
]);

/** Tells if the iterations of a champion end as if it had begun to fail. @param records in order of the iterations */
export function isSuspect(records: readonly Facts[], champion: string): boolean {
  const last = records.at(-1);
  if (last?.champion !== champion) return false;
  if (last.reason === 'infrastructure') return true;
  const since = records.findLastIndex((one) => one.champion !== champion || !perhapsTheChampions.has(one.reason));
  const failures = records.length - 1 - since;
  return failures > 0 && failures % suspicious === 0;
}

/** Lists the champions before one, the newest first, down to the base; without those that have failed. */
export function championsBefore(records: readonly Facts[], champion: string): string[] {
  const failed = new Set(records.flatMap((one) => (one.reason === 'champion-failed' ? [one.champion] : [])));
  const before: string[] = [];
  for (let made = madeBy(champion); made; made = madeBy(made.champion)) before.push(made.champion);
  return before.filter((one) => !failed.has(one));

  function madeBy(commit: string): Facts | undefined {
    return records.find(({ candidate }) => candidate?.commit === commit);
  }
}
