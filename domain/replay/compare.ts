import type { Answer } from './contract.ts';

/** Numbers that are not both integers may differ by this share, or by this much near 0: an order of additions does so. */
const tolerance = { share: 1e-9, near0: 1e-12 } as const;

/** Answers as `JSON.parse` gave them: a candidate's may be anything. Messages of errors are not compared: they change honestly. */
export function isSameAnswer(base: Answer, other: unknown): boolean {
  const { end, after } = (other ?? {}) as Partial<Answer>;
  return isSame(endOf(base.end), endOf(end)) && isSame(base.after ?? null, after ?? null);
}

function endOf(end: unknown): unknown {
  const { kind, value, class: name, code } = (end ?? {}) as Record<string, unknown>;
  return kind === 'returned' ? [kind, value] : [kind, name ?? null, code ?? null];
}

/** Goes no deeper than the base's answer, which is bounded. */
function isSame(base: unknown, other: unknown): boolean {
  const [number, otherNumber] = [numberOf(base), numberOf(other)];
  if (number !== null && otherNumber !== null) return isClose(number, otherNumber);
  if (Array.isArray(base))
    return Array.isArray(other) && base.length === other.length && base.every((value, at) => isSame(value, other[at]));
  if (typeof base !== 'object' || base === null) return base === other;
  if (typeof other !== 'object' || other === null || Array.isArray(other)) return false;
  const keys = Object.keys(base);
  const at = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(at(base, key), at(other, key)))
  );
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const { $: tag, text } = (value ?? {}) as Record<string, unknown>;
  return tag === 'float' && typeof text === 'string' ? Number(text) : null;
}

function isClose(one: number, other: number): boolean {
  if (one === other || (Number.isNaN(one) && Number.isNaN(other))) return true;
  if ((Number.isSafeInteger(one) && Number.isSafeInteger(other)) || !Number.isFinite(one - other)) return false;
  const distance = Math.abs(one - other);
  return distance <= Math.max(tolerance.near0, tolerance.share * Math.max(Math.abs(one), Math.abs(other)));
}
