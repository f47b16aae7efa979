import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyRule,
  createCoin,
  defaultPolicy,
  maxPairs,
  type DecisionPolicy,
  type Pair,
} from '../../../domain/verdict/decision.ts';
import { powerOf, sidePowerOf } from '../../../domain/verdict/power.ts';

/** About normal noise (a sum of twelve uniform numbers) of this spread, the same for the same seed. */
function noiseOf(spread: number, seed: number, count = 40): number[] {
  const random = createCoin(seed);
  return Array.from(
    { length: count },
    () => spread * (Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, 0) - 6),
  );
}

/** Share of 100 decisions, drawn as `powerOf` draws them, that accept a candidate of this gain. */
function acceptedShare(noise: readonly number[], gain: number, policy: DecisionPolicy, seed: number): number {
  const random = createCoin(seed);
  const pick = () => noise[Math.floor(random() * noise.length)]! * (random() < 0.5 ? 1 : -1);
  const draws = Array.from({ length: 100 }, () => Array.from({ length: maxPairs }, pick));
  const factor = policy.better === 'lower' ? 1 - gain : 1 + gain;
  const pairs = draws.map((draw) => draw.map((logRatio): Pair => [1, factor * Math.exp(logRatio)]));
  return pairs.filter((sample) => applyRule(sample, policy).verdict === 'accepted').length / draws.length;
}

const policies: DecisionPolicy[] = [
  defaultPolicy,
  { ...defaultPolicy, better: 'higher' },
  { ...defaultPolicy, minImprovement: 0.1, alpha: 0.0001 },
];
const anySeed = fc.integer({ min: 1, max: 1e6 });

describe('the power of a verdict', () => {
  it('grows with the gain', () => {
    fc.assert(
      fc.property(
        anySeed,
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        fc.constantFrom(...policies),
        (seed, spread, policy) => {
          const noise = noiseOf(spread, seed);
          const shares = [0, 0.1, 0.3].map((gain) => acceptedShare(noise, gain, policy, seed));
          expect(shares).toEqual([...shares].sort((a, b) => a - b));
          expect(shares[0]).toBeLessThanOrEqual(0.02);
        },
      ),
      { numRuns: 3 },
    );
  });

  it('is greater with less noise: no larger gain is needed at a third of the spread (to one percent, as it is searched)', () => {
    fc.assert(
      fc.property(anySeed, fc.double({ min: 0.06, max: 0.3, noNaN: true }), (seed, spread) => {
        const noise = noiseOf(spread, seed);
        const quiet = powerOf(
          noise.map((value) => value / 3),
          defaultPolicy,
          seed,
        );
        const loud = powerOf(noise, defaultPolicy, seed);
        quiet.provable.forEach(({ gain }, index) =>
          expect(gain ?? Infinity).toBeLessThanOrEqual((loud.provable[index]!.gain ?? Infinity) + 0.0101),
        );
        expect(quiet.pairs.noGain).toBeLessThanOrEqual(loud.pairs.noGain + 1);
      }),
      { numRuns: 3 },
    );
  });

  it('asks for a larger gain where more certainty is wanted, and what it names is what the rule accepts', () => {
    const noise = noiseOf(0.1, 7);
    for (const policy of policies.slice(0, 2)) {
      const { provable } = powerOf(noise, policy, 7);
      const gains = provable.map(({ gain }) => gain!);
      expect(gains).toEqual([...gains].sort((a, b) => a - b));
      for (const { probability, gain } of provable) {
        expect(acceptedShare(noise, gain!, policy, 7)).toBeGreaterThanOrEqual(probability);
        expect(acceptedShare(noise, gain! - 0.01, policy, 7)).toBeLessThan(probability);
      }
    }
  });

  it('without any noise proves what is at the bar, after as many pairs as the rule needs', () => {
    const { provable, pairs } = powerOf([0, 0, 0], { ...defaultPolicy, alpha: 0.0005 });
    expect(provable.map(({ gain }) => gain)).toEqual([0.05, 0.05, 0.05]);
    expect(pairs).toEqual({ noGain: 4, clearGain: 13 });
  });

  it('names no gain where none in reach is proved', () => {
    expect(powerOf([3, -3], defaultPolicy).provable.at(-1)).toEqual({ probability: 0.99, gain: null });
  });
});

describe('the power of a side metric', () => {
  const policy = { better: 'lower', noise: 'measured', worstAllowed: 0.05 } as const;

  it('tells how often one that did not change passes, and the bound that its noise can hold', () => {
    const quiet = sidePowerOf(noiseOf(0.02, 3), policy);
    expect(quiet).toMatchObject({ passes: 1 });
    expect(quiet.pairs).toBeLessThan(8);
    expect(quiet.holds).toBeLessThanOrEqual(0.02);
    const loud = sidePowerOf(noiseOf(0.2, 3), policy);
    expect(loud.passes).toBeLessThan(0.5);
    expect(loud.holds).toBeGreaterThan(0.07);
    expect(sidePowerOf(noiseOf(0.2, 3), { ...policy, worstAllowed: loud.holds! }).passes).toBeGreaterThanOrEqual(0.95);
    expect(sidePowerOf(noiseOf(0.2, 3), { ...policy, better: 'higher' }).holds).toBeLessThanOrEqual(loud.holds!);
  });

  it('names no bound where none below 100 % can be held', () => {
    const { passes, holds } = sidePowerOf([20, -20], policy);
    expect([passes <= 0.05, holds]).toEqual([true, null]);
  });
});
