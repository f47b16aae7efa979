import type { Canonical, Tagged } from './contract.ts';

/** A value that holds others, opened. */
export interface Opened {
  parts: Canonical[];
  /** Their number belongs to the kind of value. */
  isFixed: boolean;
  remake: (parts: Canonical[]) => Canonical;
}

type Entry = [Canonical, Canonical];

/** Opens a value; null where it holds none. A key and its value are one part: a tuple of the class "entry". */
export function open(value: Canonical): Opened | null {
  if (Array.isArray(value)) return { parts: value, isFixed: false, remake: (parts) => parts };
  if (!isTagged(value)) return null;
  if ('values' in value)
    return { parts: value.values, isFixed: value.$ === 'tuple', remake: (values) => ({ ...value, values }) };
  if (!('entries' in value)) return null;
  const toEntry = (part: Canonical) => (part as Tagged & { values: Entry }).values;
  return {
    parts: value.entries.map((values: Entry) => ({ $: 'tuple', class: 'entry', values })),
    isFixed: value.$ !== 'map',
    remake: (parts) => ({ ...value, entries: parts.map(toEntry) }) as Canonical,
  };
}

/** The key and the value of an opened part that is one; else null. */
export function entryOf(value: Canonical): Entry | null {
  return isTagged(value) && value.$ === 'tuple' && value.class === 'entry' ? (value.values as Entry) : null;
}

export function isTagged(value: Canonical): value is Tagged {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names a part that is no data, such as "function"; null where all is. */
export function opaquePart(value: Canonical): string | null {
  if (isTagged(value) && value.$ === 'opaque') return value.what;
  return open(value)?.parts.reduce<string | null>((found, part) => found ?? opaquePart(part), null) ?? null;
}

const unmade: ReadonlySet<string> = new Set<Tagged['$']>(['opaque', 'instance', 'cycle', 'error']);

/** Tells if a caller can make such a value. */
export function canBeGiven(value: Canonical): boolean {
  return !(isTagged(value) && unmade.has(value.$)) && (open(value)?.parts.every(canBeGiven) ?? true);
}
