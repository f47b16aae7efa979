/** How a run of an altered tree goes wrong: not at all, by a throw, by a wrong value, or by an assertion at each test's end. */
export type Way = 'none' | 'throws' | 'wrong' | 'asserts';

/** Chance drawn after the candidate is fixed: what an altered tree does in a run follows from it and BENCH_SEED alone. */
export interface Arming {
  /** 32 bits each; the factor is odd. */
  salt: number;
  factor: number;
  /** Begins all names that are put into sources. */
  name: string;
  /** Unequal numbers, which an assertion is to take for equal. */
  values: [number, number];
}

/** Functions of a tree that can be broken one at a time. */
export const maxAlone = 5;

/** @param bytes twelve random ones */
export function toArming(bytes: Uint8Array): Arming {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const value = view.getUint16(8);
  return {
    salt: view.getUint32(0),
    factor: view.getUint32(4) | 1,
    name: `k${view.getUint32(0).toString(36)}${view.getUint32(8).toString(36)}`,
    values: [value, value + 1 + (view.getUint8(10) % 50)],
  };
}

/** The number of a way, which armed sources compare with; of one function alone, by its place. */
export function modeOf(way: Way, alone?: number): number {
  const [all, first] = modes[way];
  return alone === undefined ? all : first + alone;
}

const modes: Readonly<Record<Way, [all: number, first: number]>> = {
  none: [0, 0],
  throws: [1, 8],
  wrong: [2, 16],
  asserts: [3, 3],
};

/** Returns a BENCH_SEED by which sources with this arming are in a mode. @param chance 26 random bits */
export function armedSeed({ salt, factor }: Arming, mode: number, chance: number): number {
  // Newton's iteration: each step doubles the right bits of the inverse of an odd number.
  let inverse = factor;
  for (let step = 0; step < 5; step++) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
  return (Math.imul((mode << 26) | chance, inverse) ^ salt) >>> 0;
}

/** A piece of text put in the place of another. */
export interface Change {
  start: number;
  end: number;
  text: string;
}

/** Makes changes that do not overlap. */
export function applyChanges(text: string, changes: readonly Change[]): string {
  const backwards = [...changes].sort((a, b) => b.start - a.start || b.end - a.end);
  return backwards.reduce((whole, { start, end, text: put }) => whole.slice(0, start) + put + whole.slice(end), text);
}
