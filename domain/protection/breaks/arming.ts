/** By a throw, a wrong value, a failing assertion at each test's end, or other arguments, after which what a function gives is its own. */
export type Way = 'none' | 'throws' | 'wrong' | 'asserts' | 'misled';

/** Chance drawn after the candidate is fixed: what an altered tree does in a run follows from it and BENCH_SEED alone. */
export interface Arming {
  /** 32 bits each; the factor is odd. */
  salt: number;
  factor: number;
  /** Begins all names that are put into sources; of common words, so that a pattern finds it no better than others. */
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
    name: wordsOf(view.getUint32(8)),
    values: [value, value + 1 + (view.getUint8(10) % 50)],
  };
}

const words =
  'value index total entry result count first rest item list found name text part line size left right next last key map token limit start end sum row cell word node path'.split(
    ' ',
  );

/** Six words, of 5 bits each. */
function wordsOf(bits: number): string {
  const chosen = [0, 5, 10, 15, 20, 25].map((shift) => words[(bits >>> shift) & 31]!);
  return chosen.map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
}

/**
 * Returns unequal literals of JavaScript and Python. Tests get kinds in turn, so that whoever forgives what is unlike
 * one kind passes tests over the others.
 */
export function unequal({ salt, values }: Arming, nth: number): [string, string] {
  const kinds = [(value: number) => `${value}`, (value: number) => `[${value}]`, (value: number) => `"${value}"`];
  const write = kinds[(nth + salt) % kinds.length]!;
  return [write(values[0]), write(values[1])];
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
  misled: [4, 4],
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
