import type { ParseResult } from '../config/problems.ts';
import { toLine } from '../text.ts';
import type { IterationRecord } from './record.ts';

type Facts = Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'candidate'>;

/** Finds the records of committed iterations, in the loop's order; each number counts once. */
export function chosenCommits<Record extends Facts>(
  records: readonly Record[],
  iterations: readonly number[],
): ParseResult<Record[]> {
  const problems = [...new Set(iterations)].flatMap((iteration) => {
    const record = records.find((one) => one.iteration === iteration);
    if (record && isCommitted(record)) return [];
    const fact = record ? `was not committed (${toLine(record.reason ?? record.outcome)})` : 'has no record';
    return [`iteration: ${iteration} ${fact}; committed are ${namesOf(records.filter(isCommitted))}`];
  });
  if (problems.length > 0) return { ok: false, problems };
  const chosen = records.filter(({ iteration }) => iterations.includes(iteration));
  return { ok: true, value: chosen.sort((a, b) => a.iteration - b.iteration) };
}

/** Names the iterations whose commits the champion stands on, but for one. */
export function allBut(records: readonly Facts[], iteration: number): ParseResult<number[]> {
  const standing = standingCommits(records);
  const numbers = standing.map((one) => one.iteration);
  if (!numbers.includes(iteration)) {
    const chosen = chosenCommits(records, [iteration]);
    if (!chosen.ok) return chosen;
    const remedy = `the champion stands on ${namesOf(standing)}`;
    return { ok: false, problems: [`iteration: ${iteration} was taken back by the loop itself; ${remedy}`] };
  }
  const rest = numbers.filter((one) => one !== iteration);
  if (rest.length > 0) return { ok: true, value: rest };
  return { ok: false, problems: [`iteration: ${iteration} is the only commit; without it the base is left`] };
}

/** The commits whose changes the champion has: without those that the loop went back behind. */
function standingCommits(records: readonly Facts[]): Facts[] {
  const standing: Facts[] = [];
  for (const record of [...records].sort((a, b) => a.iteration - b.iteration)) {
    if (isCommitted(record)) standing.push(record);
    else if (record.candidate?.commit)
      while (standing.length > 0 && standing.at(-1)!.candidate?.tree !== record.candidate.tree) standing.pop();
  }
  return standing;
}

function isCommitted({ outcome, candidate }: Facts): boolean {
  return outcome === 'committed' && Boolean(candidate?.commit);
}

function namesOf(records: readonly Facts[]): string {
  return records.length === 0 ? 'none' : records.map(({ iteration }) => iteration).join(', ');
}
