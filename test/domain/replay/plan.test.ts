import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../../domain/replay/contract.ts';
import { planCalls } from '../../../domain/replay/plan.ts';

const at = { file: 'a.js', name: 'f' };

describe('planCalls', () => {
  it('takes of what the benchmark called as of what tests called before it', () => {
    const from = (start: number) =>
      Array.from({ length: 60 }, (_, index): Recorded => ({ ...at, arguments: [start + index] }));
    const calls = { tests: from(0), benchmark: from(60) };
    const taken = planCalls(calls, { edited: [at] }, 1).filter(({ isVaried }) => !isVaried);
    expect(taken).toHaveLength(24);
    expect(taken.filter(({ arguments: [first] }) => Number(first) >= 60)).toHaveLength(12);
  });
});
