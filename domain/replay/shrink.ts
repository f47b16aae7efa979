import { entryOf, open } from './canonical.ts';
import type { Canonical } from './contract.ts';

/** Inputs that one round tries, and parts of a list that are made simpler by themselves. */
const [maxTried, maxParts] = [60, 12];

/** Lists arguments that are simpler than these by one step, the simplest first. */
export function simplerArguments(args: readonly Canonical[]): Canonical[][] {
  const size = sizeOf(args);
  const made = args.flatMap((value, at) => simpler(value, 3).map((one) => args.with(at, one)));
  const different = new Map(made.filter((one) => sizeOf(one) < size).map((one) => [JSON.stringify(one), one]));
  const ordered = [...different.values()].sort((one, other) => sizeOf(one) - sizeOf(other));
  const step = Math.max(1, ordered.length / maxTried);
  return ordered.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

/** Orders inputs by simplicity: their length as JSON, then the sum of their digits. */
export function sizeOf(value: readonly Canonical[]): number {
  const text = JSON.stringify(value);
  return (
    text.length * 1_000 +
    Math.min(
      999,
      Array.from(text).reduce((sum, one) => sum + (Number(one) || 0), 0),
    )
  );
}

function simpler(value: Canonical, depth: number): Canonical[] {
  if (typeof value === 'number') return [0, 1, Math.trunc(value / 2), Math.trunc(value), -value];
  if (typeof value === 'string')
    return [...pieces(Array.from(value)).map((part) => part.join('')), value.replace(/\S/gu, 'a')];
  const opened = open(value);
  if (!opened) return [];
  const { parts, remake } = opened;
  const entry = entryOf(value);
  if (entry) return simpler(entry[1], depth).map((one) => remake([entry[0], one]));
  const inner = (part: Canonical, at: number) => simpler(part, depth - 1).map((one) => parts.with(at, one));
  return [...pieces(parts), ...(depth > 0 ? parts.slice(0, maxParts).flatMap(inner) : [])].map(remake);
}

/** Nothing, halves, and all but one. */
function pieces<T>(list: readonly T[]): T[][] {
  const half = Math.ceil(list.length / 2);
  const butOne = list.slice(0, maxParts).map((_, at) => list.toSpliced(at, 1));
  return [[], list.slice(0, half), list.slice(half), ...butOne];
}
