import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCoin, defaultPolicy, type Pair } from '../../../domain/verdict/decision.ts';
import { judge } from '../../../domain/verdict/judgement.ts';
import { judgeSide, maxSidePairs, type SidePolicy } from '../../../domain/verdict/side-metric.ts';

const policy: SidePolicy = { better: 'lower', noise: 'measured', worstAllowed: 0.05 };
const steady = (pair: Pair, count = maxSidePairs): Pair[] => Array.from({ length: count }, () => pair);

/** Shares of the verdicts over many decisions with normal noise of this spread. */
function shares(ratio: number, spread: number, of: SidePolicy = policy) {
  const random = createCoin(11);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const count = { within: 0, worse: 0, unknown: 0, continue: 0 };
  for (let decision = 0; decision < 1000; decision++) {
    const pairs = Array.from({ length: maxSidePairs }, (): Pair => [1, ratio * Math.exp(gauss() * spread)]);
    count[judgeSide(pairs, of).verdict] += 1 / 1000;
  }
  return count;
}

describe('judgeSide', () => {
  it('proves what is equal or better within the bound, what is worse than allowed worse, and knows neither of the bound', () => {
    expect(judgeSide(steady([10, 10]), policy)).toMatchObject({ verdict: 'within', pairs: 6, estimate: 1 });
    expect(judgeSide(steady([10, 5]), policy)).toMatchObject({ verdict: 'within', pairs: 5 });
    expect(judgeSide(steady([10, 12]), policy)).toMatchObject({ verdict: 'worse', pairs: 6, estimate: 1.2 });
    expect(judgeSide(steady([10, 10.5]), policy)).toMatchObject({ verdict: 'unknown', pairs: maxSidePairs });
    expect(judgeSide([], policy)).toEqual({ verdict: 'continue', pairs: 0, estimate: 1 });
  });

  it('reads the share as one of the metric where more is better', () => {
    const higher = { ...policy, better: 'higher' } as const;
    expect(judgeSide(steady([100, 98]), higher).verdict).toBe('within');
    expect(judgeSide(steady([100, 80]), higher).verdict).toBe('worse');
    const exactly = { ...higher, noise: 'exact', worstAllowed: 0.2 } as const;
    expect([80, 79].map((candidate) => judgeSide(steady([100, candidate], 2), exactly).verdict)).toEqual([
      'within',
      'worse',
    ]);
  });

  it('never looks beyond its stop, and says of no estimate what it contradicts', () => {
    const sample = fc.double({ min: 0.5, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, sample), { maxLength: 130 }), (pairs) => {
        const whole = judgeSide(pairs, policy);
        expect(whole.pairs).toBeLessThanOrEqual(maxSidePairs);
        expect(judgeSide(pairs.slice(0, whole.pairs), policy)).toEqual(whole);
        if (whole.verdict === 'within') expect(whole.estimate).toBeLessThanOrEqual(1.05 + 1e-9);
        if (whole.verdict === 'worse') expect(whole.estimate).toBeGreaterThan(1.05);
      }),
    );
  });

  it('proves nothing of what is exactly at its bound in more than 5 of 100, even if each pair tells how noisy the next one is', () => {
    const depth = 10;
    // A node of a tree for each history of good and bad pairs: how far the next ratio lies from the bound.
    const tree = fc.array(fc.double({ min: 0.001, max: 3, noNaN: true }), {
      minLength: 1 << depth,
      maxLength: 1 << depth,
    });
    const bound = fc.constantFrom<SidePolicy>(policy, { ...policy, worstAllowed: 0.3 });
    fc.assert(
      fc.property(tree, bound, (distances, { worstAllowed }) => {
        const count = { within: 0, worse: 0, unknown: 0, continue: 0 };
        for (let leaf = 0; leaf < 1 << depth; leaf++) {
          let node = 1;
          const pairs = Array.from({ length: depth }, (_, level): Pair => {
            const sign = (leaf >> level) & 1;
            const distance = distances[node]!;
            node = 2 * node + sign;
            return [1, (1 + worstAllowed) * Math.exp(sign === 0 ? -distance : distance)];
          });
          count[judgeSide(pairs, { ...policy, worstAllowed }).verdict] += 1 / (1 << depth);
        }
        expect(count.within).toBeLessThanOrEqual(0.05);
        expect(count.worse).toBeLessThanOrEqual(0.05);
      }),
      { numRuns: 20 },
    );
  });

  it('passes what did not change at 2, 5 and 10 % noise, and knows not at 20 %; at the bound it passes in at most 5 of 100', () => {
    for (const spread of [0.02, 0.05, 0.1]) {
      expect(shares(1, spread).within).toBeGreaterThanOrEqual(0.95);
      expect(shares(1.1, spread).within).toBeLessThanOrEqual(0.01);
    }
    expect(shares(1, 0.2).unknown).toBeGreaterThan(0.6);
    for (const spread of [0.02, 0.05, 0.1, 0.2]) {
      expect(shares(1.05, spread).within).toBeLessThanOrEqual(0.05);
      expect(shares(1.05, spread).worse).toBeLessThanOrEqual(0.05);
      expect(shares(1, spread).worse).toBeLessThanOrEqual(0.01);
    }
    for (const spread of [0.02, 0.05]) expect(shares(1.1, spread).worse).toBeGreaterThanOrEqual(0.95);
    // All that counts is the noise in units of the bound.
    expect(shares(1, 0.2, { ...policy, worstAllowed: 0.11 }).within).toBeGreaterThanOrEqual(0.95);
  });

  it('gives up early where noise leaves no hope', () => {
    const loud = steady([1, 1]).map((_, index): Pair => [1, index % 2 === 0 ? 3 : 1 / 3]);
    const { verdict, pairs } = judgeSide(loud, policy);
    expect([verdict, pairs < 30]).toEqual(['unknown', true]);
  });

  it('decides an exact one by one pair, and confirms by one more that it is within its bound', () => {
    const exact = { ...policy, noise: 'exact', worstAllowed: 0 } as const;
    expect(judgeSide([[7, 8]], exact)).toMatchObject({ verdict: 'worse', pairs: 1 });
    expect(judgeSide([[7, 7]], exact)).toMatchObject({ verdict: 'continue', pairs: 1 });
    expect(judgeSide(steady([7, 7], 2), exact)).toEqual({ verdict: 'within', pairs: 2, estimate: 1 });
    const varying: Pair[] = [
      [7, 7],
      [7, 6],
    ];
    expect(judgeSide(varying, exact).verdict).toBe('unknown');
    expect(judgeSide(steady([100, 105], 2), { ...exact, worstAllowed: 0.05 }).verdict).toBe('within');
  });

  it('keeps its estimate within what JSON and medians can hold where a zero comes or goes', () => {
    for (const noise of ['exact', 'measured'] as const) {
      const comes = judgeSide(steady([0, 3]), { ...policy, noise });
      const goes = judgeSide(steady([3, 0]), { ...policy, noise });
      expect([comes.verdict, goes.verdict]).toEqual(['worse', 'within']);
      for (const judged of [comes, goes]) expect(JSON.parse(JSON.stringify(judged))).toEqual(judged);
    }
  });
});

describe('the objection of a side metric', () => {
  const measured = (pair: Pair) => ({ first: 'champion' as const, pair, cpuMs: pair, wallMs: pair, benchSeed: 1 });
  const objectionTo = (pairs: readonly Pair[], part: Partial<SidePolicy> = {}) => {
    const { pairs: used } = judgeSide(pairs, { ...policy, ...part });
    const side = { ...policy, ...part, name: 'heap', seed: 1, pairs: pairs.slice(0, used).map(measured) };
    const accepted = steady([10, 5], 20).map(measured);
    return judge({ pairs: accepted, policy: defaultPolicy, clock: null, unseeded: null, side: [side] }).objection;
  };
  const noisy = (spread: number, ratio = 1) =>
    steady([1, 1]).map((_, index): Pair => [1, ratio * Math.exp(spread * Math.sin(index * index))]);

  it('calls worse what is proved worse, and shows by how much more than is allowed', () => {
    expect(objectionTo(steady([10, 12]))).toEqual({
      reason: 'side-metric-worse',
      detail: 'sideMetrics.heap: 20.0 % worse by the median of 6 pairs; at most 5.0 % worse is allowed',
    });
    const closely = objectionTo([[100000, 105004]], { noise: 'exact' });
    expect(closely?.detail).toBe(
      'sideMetrics.heap: 5.004 % worse by the median of 1 pair; at most 5.000 % worse is allowed',
    );
    expect(objectionTo([[0, 3]], { noise: 'exact' })?.detail).toBe(
      'sideMetrics.heap: more than 1000000 % worse by the median of 1 pair; at most 5.0 % worse is allowed',
    );
  });

  it('says that it is not known what noise hides, and which bound that noise can hold', () => {
    const { reason, detail } = objectionTo(noisy(0.5))!;
    expect(reason).toBe('side-metric-unknown');
    expect(detail).toMatch(
      /^sideMetrics\.heap: not known after \d+ pairs whether it is within the bound \(\d+\.\d % (better|worse) by the median, at most 5\.0 % worse is allowed\); measure it with less noise, or raise worstAllowed: this noise can hold \d+ %$/,
    );
    const held = Number(/hold (\d+) %$/.exec(detail)![1]) / 100;
    expect(held).toBeGreaterThan(0.1);
    expect(judgeSide(noisy(0.5), { ...policy, worstAllowed: held }).verdict).toBe('within');
  });

  it('tells what lies near its bound from what is noisy', () => {
    expect(objectionTo(noisy(0.01, 1.05))?.detail).toContain('; it lies near the bound: ');
    expect(objectionTo(noisy(20))?.detail).toContain('; measure it with less noise: this one can hold no bound');
  });

  it('does not exist where it is proved to be within its bound', () => {
    expect(objectionTo(noisy(0.1))).toBeNull();
  });
});
