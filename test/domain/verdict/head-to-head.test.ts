import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../domain/verdict/decision.ts';
import { headToHeadOf, headToHeadPairs } from '../../../domain/verdict/head-to-head.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import type { JudgeTerms } from '../../../domain/verdict/verdict.ts';

const sample = (base: number, champion: number): MeasuredPair => ({
  first: 'champion',
  pair: [base, champion],
  cpuMs: [1, 1],
  wallMs: [1, 1],
  benchSeed: 1,
});
const facts = { base: 'a', champion: 'b', unit: 'ms' };
const terms: JudgeTerms = { policy: defaultPolicy, clock: null };

describe('base against champion', () => {
  it('looks at every pair: no rule stops in between', () => {
    const samples = [...Array.from({ length: 19 }, () => sample(100, 50)), sample(100, 200)];
    const result = headToHeadOf(samples, facts, terms)!;
    expect(result).toMatchObject({ pairs: 20, ratio: 0.5, base: 'a', champion: 'b', unit: 'ms', better: 'lower' });
    expect(result.interval[0]).toBeLessThan(0.5);
    expect(result.interval[1]).toBeGreaterThan(0.5);
    expect(result.interval[1]).toBeLessThan(0.6);
    expect(headToHeadOf(samples.slice(0, 19), facts, terms)!.interval).not.toEqual(result.interval);
  });

  it('turns a ratio round where higher is better', () => {
    const higher: JudgeTerms = { ...terms, policy: { ...defaultPolicy, better: 'higher' } };
    expect(headToHeadOf([sample(50, 100)], facts, higher)!.ratio).toBeCloseTo(0.5, 12);
  });

  it('tells no more than the clock saw', () => {
    const clock = { clock: 'cpu', unit: 'ms', better: 'lower', startUp: { cpuMs: 0, wallMs: 0 } } as const;
    const claimed = Array.from({ length: 20 }, () => ({ ...sample(100, 50), cpuMs: [110, 100] as const }));
    expect(headToHeadOf(claimed, facts, { ...terms, clock })!.ratio).toBeCloseTo(0.9, 12);
  });

  it('of an exact metric needs one pair and one that confirms it', () => {
    const exact: JudgeTerms = { ...terms, policy: { ...defaultPolicy, noise: 'exact' } };
    expect([headToHeadPairs('exact'), headToHeadPairs('measured')]).toEqual([2, 20]);
    const ratio = headToHeadOf([sample(1000, 900), sample(1000, 900)], facts, exact)!;
    expect(ratio).toMatchObject({ pairs: 2, interval: [ratio.ratio, ratio.ratio] });
    expect(ratio.ratio).toBeCloseTo(0.9, 12);
    expect(headToHeadOf([sample(1000, 900), sample(1000, 901)], facts, exact)).toBeNull();
  });
});
