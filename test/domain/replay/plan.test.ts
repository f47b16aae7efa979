import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../../domain/replay/contract.ts';
import { planCalls } from '../../../domain/replay/plan.ts';

const at = { file: 'a.js', name: 'f' };

describe('planCalls', () => {
  it('takes of what the benchmark called as of what tests called before it', () => {
    const from = (start: number) =>
      Array.from({ length: 60 }, (_, index): Recorded => ({ ...at, arguments: [start + index] }));
    const calls = { tests: from(0), benchmark: from(60) };
    const taken = [...planCalls(calls, { edited: [at] }, 1)].flat().filter(({ isVaried }) => !isVaried);
    expect(taken).toHaveLength(24);
    expect(taken.filter(({ arguments: [first] }) => Number(first) >= 60)).toHaveLength(12);
  });

  it('makes up fewer calls of large inputs, and at least one of each function', () => {
    const text = (length: number) => Array.from({ length: 24 }, (_, index) => String(index).repeat(length));
    const of = (file: string, length: number) =>
      text(length).map((value): Recorded => ({ file, name: 'f', arguments: [value] }));
    const tests = [...of('a.js', 10_000), ...of('b.js', 10_000), ...of('c.js', 10)];
    const calls = [...planCalls({ tests, benchmark: [] }, { edited: [at] }, 1)];
    const sizes = calls.map((some) => JSON.stringify(some).length);
    expect(sizes[0]).toBeLessThan(2 ** 21);
    expect(sizes[1]).toBeLessThan(2 ** 18);
    expect(calls.map((some) => some.length > 0)).toEqual([true, true, true]);
    expect(calls[2]!.length).toBeGreaterThan(calls[1]!.length);
    expect(calls.flat().map(({ id }) => id)).toEqual(calls.flat().map((_, id) => id));
  });
});
