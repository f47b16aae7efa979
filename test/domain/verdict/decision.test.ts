import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCoin,
  decide,
  defaultPolicy,
  loopFalseCommitRate,
  maxPairs,
  type Pair,
} from '../../../domain/verdict/decision.ts';

interface GoldenVector {
  trace: string;
  theta: number;
  pairs: Pair[];
  verdict: 'accept' | 'reject' | 'undecided' | 'continue';
  used: number;
  logK0: number;
  logK5: number;
  estimate: number;
  interval: [number, number];
  a0?: number;
  minImprovement?: number;
  patience?: number;
}

const golden = JSON.parse(readFileSync(new URL('../../fixtures/golden.json', import.meta.url), 'utf8')) as {
  coin_seed42_first5: number[];
  vectors: GoldenVector[];
};
const words = { accept: 'accepted', reject: 'rejected', undecided: 'undecided', continue: 'continue' };

describe('decide', () => {
  it.each(golden.vectors.map((vector, index) => ({ index, vector })))(
    'reproduces golden vector $index',
    ({ vector }) => {
      const decision = decide(vector.pairs, {
        ...defaultPolicy,
        alpha: vector.a0 ?? defaultPolicy.alpha,
        minImprovement: vector.minImprovement ?? defaultPolicy.minImprovement,
        ...(vector.patience !== undefined && { patience: vector.patience }),
      });
      expect(decision.verdict).toBe(words[vector.verdict]);
      expect(decision.pairs).toBe(vector.used);
      const got = [decision.logCapitalReal, decision.logCapitalBar, decision.estimate, ...decision.interval];
      const wanted = [vector.logK0, vector.logK5, vector.estimate, ...vector.interval];
      got.forEach((value, index) =>
        expect(Math.abs(value - wanted[index]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(wanted[index]!))),
      );
    },
  );

  it('reproduces the pinned coin', () => {
    const coin = createCoin(42);
    expect(golden.coin_seed42_first5.map(() => coin())).toEqual(golden.coin_seed42_first5);
  });

  const sample = fc.double({ min: 0.01, max: 1000, noNaN: true });
  const pairs = fc.array(fc.tuple(sample, sample), { maxLength: 80 });

  it('never looks beyond the stop, and stops by itself', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const whole = decide(all);
        expect(whole).toEqual(decide(all.slice(0, whole.pairs)));
        expect(whole.pairs).toBeLessThanOrEqual(maxPairs);
      }),
    );
  });

  it('accepts at no level of patience what it does not accept at the most patient, and stops no later', () => {
    const near = fc.array(fc.tuple(fc.constant(1), fc.double({ min: 0.8, max: 1.2, noNaN: true })), { maxLength: 80 });
    const level = fc.constantFrom(0.1, 0.2, 0.3, 0.5);
    fc.assert(
      fc.property(fc.oneof(pairs, near), level, (all, patience) => {
        const [patient, quick] = [
          decide(all, { ...defaultPolicy, patience: 0.05 }),
          decide(all, { ...defaultPolicy, patience }),
        ];
        expect(quick.pairs).toBeLessThanOrEqual(patient.pairs);
        expect(decide(all)).toEqual(patient);
        if (quick.verdict === 'accepted') expect(quick).toEqual(patient);
        if (quick.verdict === 'rejected') expect(quick.logCapitalBar).toBeLessThanOrEqual(Math.log(patience));
      }),
    );
  });

  it('gives up identical samples the sooner, the higher the level', () => {
    const same = Array.from({ length: 60 }, (): Pair => [10, 10]);
    const used = [0.05, 0.1, 0.2, 0.3].map((patience) => decide(same, { ...defaultPolicy, patience }).pairs);
    expect(used).toEqual([4, 3, 2, 2]);
  });

  it('judges a throughput by the inverted ratio and its own bar', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const higher = decide(all, { ...defaultPolicy, better: 'higher' });
        const swapped = decide(
          all.map(([champion, candidate]): Pair => [candidate, champion]),
          { ...defaultPolicy, minImprovement: 1 - 1 / 1.05 },
        );
        expect(higher.verdict).toBe(swapped.verdict);
        expect(higher.estimate).toBeCloseTo(swapped.estimate, 9);
      }),
    );
  });

  it('never accepts identical samples and always accepts a steady gain of 20 %', () => {
    expect(decide(Array.from({ length: 60 }, (): Pair => [10, 10])).verdict).toBe('rejected');
    expect(decide(Array.from({ length: 60 }, (): Pair => [10, 8])).verdict).toBe('accepted');
  });

  it('splits the false commit rate of a loop over two decisions an iteration', () => {
    expect(loopFalseCommitRate(0.001, 10)).toBe(0.001);
    expect(loopFalseCommitRate(0.001, 50)).toBe(0.0005);
    expect(loopFalseCommitRate(0.001, 1000)).toBe(0.000025);
  });
});
