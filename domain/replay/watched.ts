import { canBeGiven, opaquePart } from './canonical.ts';
import { isSameAnswer } from './compare.ts';
import type { Answer, Canonical, Watched } from './contract.ts';
import type { Difference } from './difference.ts';

/**
 * Finds a call, by name and arguments, that a candidate answers otherwise than the base in the same program. What the
 * base does not always answer alike is left out. @param candidate may be anything
 */
export function watchedDifference(
  bases: readonly (readonly Watched[])[],
  candidate: readonly Watched[],
): Difference | null {
  const [known = new Map<string, Watched>(), ...others] = bases.map(byCall);
  const changing = new Set<string>();
  for (const line of bases.flat()) {
    const first = known.get(keyOf(line));
    if (first && !isSame(first, line)) changing.add(line.name);
  }
  for (const found of candidate) {
    const base = known.get(keyOf(found));
    if (!base || changing.has(base.name) || !others.every((run) => run.has(keyOf(found)))) continue;
    if (isSame(base, found)) continue;
    // The arguments after the call are told where they alone differ.
    const [told, other] = [base, found].map(({ end }) => ({ id: 0, end }));
    const call = { ...base, file: "in the benchmark's run" };
    return isSameAnswer(told!, other)
      ? { call, base: toAnswer(base), candidate: toAnswer(found), broken: null }
      : { call, base: told!, candidate: other!, broken: null };
  }
  return null;
}

function byCall(lines: readonly Watched[]): Map<string, Watched> {
  const plain = lines.filter(({ arguments: given }) => isPlain(given));
  return new Map(plain.map((line) => [keyOf(line), line]));
}

function keyOf({ name, arguments: given }: Watched): string {
  return JSON.stringify([name, given]);
}

/** Objects of classes may hold the same in another form. */
function isSame(base: Watched, other: Watched): boolean {
  return (base.end.kind === 'returned' && !isPlain(base.end.value)) || isSameAnswer(toAnswer(base), toAnswer(other));
}

function toAnswer({ end, after }: Watched): Answer {
  return { id: 0, end, after };
}

function isPlain(value: Canonical): boolean {
  return canBeGiven(value) && opaquePart(value) === null;
}
