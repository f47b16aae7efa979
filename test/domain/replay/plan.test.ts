import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../../domain/replay/contract.ts';
import { planCalls } from '../../../domain/replay/plan.ts';

const at = { file: 'a.js', name: 'f' };

describe('planCalls', () => {
  it('takes of what the benchmark called as of what tests called before it', () => {
    const calls = Array.from({ length: 60 }, (_, index): Recorded => ({ ...at, arguments: [index] }));
    const taken = planCalls(calls, [at], 1).filter(({ isVaried }) => !isVaried);
    expect(taken).toHaveLength(24);
    expect(taken.filter(({ arguments: [first] }) => Number(first) >= 30)).toHaveLength(12);
  });
});
