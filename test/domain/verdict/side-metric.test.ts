import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCoin, maxPairs, type Pair } from '../../../domain/verdict/decision.ts';
import { judgeSide, type SidePolicy } from '../../../domain/verdict/side-metric.ts';

const policy: SidePolicy = { better: 'lower', noise: 'measured', worstAllowed: 0.05 };
const steady = (pair: Pair, count = maxPairs): Pair[] => Array.from({ length: count }, () => pair);

describe('judgeSide', () => {
  it('tolerates what is equal or better, and not what is worse than allowed', () => {
    expect(judgeSide(steady([10, 10]), policy)).toMatchObject({ verdict: 'tolerated', estimate: 1 });
    expect(judgeSide(steady([10, 5]), policy).pairs).toBeLessThanOrEqual(6);
    expect(judgeSide(steady([10, 12]), policy)).toMatchObject({ verdict: 'worse', estimate: 1.2 });
    expect(judgeSide(steady([10, 10.5]), policy)).toMatchObject({ verdict: 'undecided', pairs: maxPairs });
    expect(judgeSide([], policy)).toEqual({ verdict: 'continue', pairs: 0, estimate: 1 });
  });

  it('reads the share as one of the metric where more is better', () => {
    const higher = { ...policy, better: 'higher' } as const;
    expect(judgeSide(steady([100, 98]), higher).verdict).toBe('tolerated');
    expect(judgeSide(steady([100, 80]), higher).verdict).toBe('worse');
    const exactly = { ...higher, noise: 'exact', worstAllowed: 0.2 } as const;
    expect([80, 79].map((candidate) => judgeSide(steady([100, candidate], 2), exactly).verdict)).toEqual([
      'tolerated',
      'worse',
    ]);
  });

  it('never looks beyond its stop', () => {
    const sample = fc.double({ min: 0.01, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, sample), { maxLength: 80 }), (pairs) => {
        const whole = judgeSide(pairs, policy);
        expect(whole.pairs).toBeLessThanOrEqual(maxPairs);
        expect(judgeSide(pairs.slice(0, whole.pairs), policy)).toEqual(whole);
      }),
    );
  });

  it('tolerates what is just beyond the allowed in at most 5 of 100, and what did not change nearly always', () => {
    const random = createCoin(11);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const share = (ratio: number, spread = 0.08) => {
      const decisions = Array.from({ length: 1000 }, () =>
        judgeSide(
          Array.from({ length: maxPairs }, (): Pair => [1, ratio * Math.exp(gauss() * spread)]),
          policy,
        ),
      );
      return decisions.filter(({ verdict }) => verdict === 'tolerated').length / decisions.length;
    };
    expect(share(1.05)).toBeLessThanOrEqual(0.05);
    expect(share(1.1)).toBeLessThanOrEqual(0.005);
    expect(share(1)).toBeGreaterThanOrEqual(0.92);
    expect(share(1, 0.04)).toBe(1);
  });

  it('decides an exact one by one pair, and confirms by one more that it is tolerated', () => {
    const exact = { ...policy, noise: 'exact', worstAllowed: 0 } as const;
    expect(judgeSide([[7, 8]], exact)).toMatchObject({ verdict: 'worse', pairs: 1 });
    expect(judgeSide([[7, 7]], exact)).toMatchObject({ verdict: 'continue', pairs: 1 });
    expect(
      judgeSide(
        [
          [7, 7],
          [7, 7],
        ],
        exact,
      ),
    ).toEqual({ verdict: 'tolerated', pairs: 2, estimate: 1 });
    expect(
      judgeSide(
        [
          [7, 7],
          [7, 6],
        ],
        exact,
      ).verdict,
    ).toBe('undecided');
    expect(judgeSide(steady([100, 105], 2), { ...exact, worstAllowed: 0.05 }).verdict).toBe('tolerated');
  });
});
