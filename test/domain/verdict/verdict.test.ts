import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCoin,
  decide,
  defaultPolicy,
  exactProblem,
  freshPairs,
  maxFreshPairs,
  type DecisionPolicy,
  type Pair,
} from '../../../domain/verdict/decision.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import { shortfallOf } from '../../../domain/verdict/shortfall.ts';
import { decideBy, gainOf, isComplete, toVerdict, type JudgeTerms } from '../../../domain/verdict/verdict.ts';

const exact: DecisionPolicy = { ...defaultPolicy, noise: 'exact' };
const terms = (policy: DecisionPolicy): JudgeTerms => ({ policy, clock: null });
const measuredPair = (pair: Pair): MeasuredPair => ({
  first: 'champion',
  pair,
  cpuMs: [1, 1],
  wallMs: [1, 1],
  benchSeed: 1,
});

describe('the verdict on an exact metric', () => {
  it.each<[Pair, DecisionPolicy['better'], string]>([
    [[100, 100], 'lower', 'rejected'],
    [[100, 120], 'lower', 'rejected'],
    [[100, 96], 'lower', 'rejected'],
    [[100, 95], 'lower', 'continue'],
    [[1000, 950], 'lower', 'continue'],
    [[0.3, 0.285], 'lower', 'continue'],
    [[0.7, 0.665], 'lower', 'continue'],
    [[0.1, 0.105], 'higher', 'continue'],
    [[100, 104], 'higher', 'rejected'],
    [[100, 105], 'higher', 'continue'],
    [[100, 80], 'higher', 'rejected'],
  ])('takes %j, %s is better, as %s after one pair', (pair, better, verdict) => {
    expect(decideBy([pair], { ...exact, better })).toMatchObject({ verdict, pairs: 1 });
    if (verdict === 'continue')
      expect(toVerdict([measuredPair(pair), measuredPair(pair)], terms({ ...exact, better })).verdict).toBe('accepted');
  });

  it('needs the very same numbers once more for a gain, and nothing else', () => {
    const pairs = [measuredPair([300, 100]), measuredPair([300, 100])];
    expect(toVerdict(pairs, terms(exact))).toEqual({
      ...exact,
      verdict: 'accepted',
      pairs: 2,
      logCapitalReal: 0,
      logCapitalBar: 0,
      estimate: 100 / 300,
      interval: [100 / 300, 100 / 300],
      reported: {
        ratio: 100 / 300,
        interval: [100 / 300, 100 / 300],
        pairs: 2,
        isLoss: false,
        text: '66.7 % better (exact, 2 pairs)',
      },
    });
    expect([
      isComplete([], terms(exact)),
      isComplete(pairs.slice(1), terms(exact)),
      isComplete(pairs, terms(exact)),
    ]).toEqual([false, false, true]);
    expect(isComplete([measuredPair([300, 300])], terms(exact))).toBe(true);
  });

  it('accepts no gain that did not repeat, and says whose number moved', () => {
    const number = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(number, number, number, number, (a, b, c, d) => {
        const decision = decideBy(
          [
            [a, b],
            [c, d],
          ],
          exact,
        );
        expect(decision.verdict === 'accepted').toBe(b / a <= 0.95 && a === c && b === d);
        expect(isComplete([measuredPair([a, b]), measuredPair([c, d])], terms(exact))).toBe(true);
      }),
    );
    expect(
      exactProblem([
        [3, 1],
        [3, 2],
      ]),
    ).toMatch(/^the metric is not exact: the candidate gave 1, then 2; /);
    expect(
      exactProblem([
        [3, 1],
        [4, 1],
      ]),
    ).toMatch(/^the metric is not exact: the champion gave 3, then 4; /);
    expect([
      exactProblem([]),
      exactProblem([[3, 1]]),
      exactProblem([
        [3, 1],
        [3, 1],
      ]),
    ]).toEqual([null, null, null]);
  });
});

describe('the verdict on numbers that have no ratio', () => {
  it.each<[string, Pair, DecisionPolicy['better'], string]>([
    ['a count that falls to 0', [120, 0], 'lower', 'continue'],
    ['0 that stays 0', [0, 0], 'lower', 'rejected'],
    ['a count that leaves 0', [0, 1], 'lower', 'rejected'],
    ['a score that leaves 0', [0, 0.1], 'higher', 'continue'],
    ['a negative score whose size shrinks by a fifth', [-100, -80], 'higher', 'continue'],
    ['a negative score whose size shrinks by 3 %', [-100, -97], 'higher', 'rejected'],
    ['a negative loss that grows in size', [-100, -120], 'lower', 'continue'],
    ['a score that becomes positive', [-1, 1], 'higher', 'continue'],
    ['a score that becomes negative', [1, -1], 'higher', 'rejected'],
  ])('of %s', (_, pair, better, verdict) => {
    const policy = { ...exact, better };
    expect(decideBy([pair], policy)).toMatchObject({ verdict, pairs: 1 });
    if (verdict === 'continue') expect(decideBy([pair, pair], policy).verdict).toBe('accepted');
    expect(JSON.stringify(decideBy([pair], policy))).not.toContain('null');
  });

  it('needs the difference that is asked for, whatever the sign', () => {
    const policy: DecisionPolicy = { ...exact, better: 'higher', minDifference: 0.5 };
    const verdicts = [-3, 0, 2].flatMap((from) =>
      [0.4, 0.5, 1].map((more) => decideBy([[from, from + more]], policy).verdict),
    );
    expect(verdicts).toEqual(Array(3).fill(['rejected', 'continue', 'continue']).flat());
  });

  it.each<[string, Pair, Partial<DecisionPolicy>, string]>([
    ['a gain of a thousand times', [1000, 1], {}, '99.9 % better'],
    ['a loss of a thousand times', [1, 1000], {}, '99900.0 % worse'],
    ['a count that falls to 0', [12, 0], {}, '100.0 % better'],
    ['a rate a thousand times as high', [1, 1000], { better: 'higher' }, '99900.0 % better'],
    ['a difference of 200 steps', [0, 2], { better: 'higher', minDifference: 0.01 }, '2 better'],
    ['a difference of 20000 steps', [-100, 100], { better: 'higher', minDifference: 0.01 }, 'more than 140 better'],
    ['a loss of 200 steps', [2, 0], { better: 'higher', minDifference: 0.01 }, '2 worse'],
    ['a difference that is hardly asked for', [0, 1e300], { better: 'higher', minDifference: 1e-300 }, 'more than'],
    ['a sign that changes', [-1e-9, 5], { better: 'higher' }, 'more than 1000000 % better'],
    ['the smallest number of the largest', [1e300, 1e-300], {}, '100.0 % better'],
  ])('tells %s with an interval around it, in plain JSON', (_, pair, more, told) => {
    for (const noise of ['measured', 'exact'] as const) {
      const terms = { policy: { ...defaultPolicy, ...more, noise }, clock: null };
      const verdict = toVerdict(
        Array.from({ length: 40 }, () => measuredPair(pair)),
        terms,
      );
      const { ratio, interval, text } = verdict.reported;
      expect(text.startsWith(told)).toBe(true);
      expect(text).not.toMatch(/NaN|Infinity/);
      expect(interval[0] <= ratio * (1 + 1e-9) && ratio <= interval[1] * (1 + 1e-9) + 1e-300).toBe(true);
      expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
      // Only a metric that fell to 0 has nothing left to gain.
      expect(ratio === 0).toBe(pair[1] === 0 && more.better !== 'higher');
    }
  });

  it('says that nothing is left to gain only where more than half of the pairs fell to 0', () => {
    const toldOf = (zeros: number) =>
      gainOf(
        Array.from({ length: 8 }, (_pair, index) => measuredPair([10, index < zeros ? 0 : 1])),
        terms(defaultPolicy),
      ).ratio;
    expect(toldOf(4)).toBeCloseTo(0.1, 12);
    expect(toldOf(5)).toBe(0);
  });

  it('is plain JSON of whatever numbers', () => {
    const number = fc.oneof(fc.constantFrom(0, -0, 1, -1, 1e308, -1e308, 5e-324), fc.double({ noNaN: true }));
    const finite = number.filter(Number.isFinite);
    const policy = fc.record({
      better: fc.constantFrom('lower' as const, 'higher' as const),
      noise: fc.constantFrom('measured' as const, 'exact' as const),
      minDifference: fc.constantFrom(undefined, 0.5, 1e-300, 1e300),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(finite, finite), { maxLength: 30 }),
        policy,
        (pairs, { minDifference, ...more }) => {
          const asked = { ...defaultPolicy, ...more, ...(minDifference !== undefined && { minDifference }) };
          const verdict = toVerdict(pairs.map(measuredPair), { policy: asked, clock: null });
          expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
          expect(JSON.stringify([verdict, shortfallOf(verdict)])).not.toMatch(/NaN|Infinity|null/);
          expect(verdict.reported.interval[0]).toBeLessThanOrEqual(verdict.reported.interval[1]);
        },
      ),
    );
  });

  it('is as rarely wrong: noise around 0, of either sign, is never taken for a gain more often than alpha', () => {
    const random = createCoin(3);
    const noise = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    for (const policy of [
      { ...defaultPolicy, alpha: 0.05 },
      { ...defaultPolicy, alpha: 0.05, minDifference: 0.3 },
    ]) {
      let accepted = 0;
      for (let decision = 0; decision < 2_000; decision++) {
        const pairs = Array.from({ length: 60 }, (): Pair => [noise(), noise()]);
        if (decideBy(pairs, policy).verdict === 'accepted') accepted++;
      }
      expect(accepted).toBeLessThanOrEqual(100);
    }
  });
});

describe('the verdict on a measured metric', () => {
  const gains = (count: number, pair: Pair) => Array.from({ length: count }, () => measuredPair(pair));
  const measured = terms(defaultPolicy);
  const stop = decide(Array.from({ length: 30 }, (): Pair => [10, 8])).pairs;

  it('is that of the rule, and tells the gain of the fresh pairs with their own interval', () => {
    const pairs = [...gains(stop, [10, 8]), ...gains(freshPairs, [10, 9])];
    const { verdict, estimate, reported, ...rest } = toVerdict(pairs, measured);
    expect({ verdict, estimate, pairs: rest.pairs }).toEqual({ verdict: 'accepted', estimate: 0.8, pairs: stop });
    expect(reported.ratio).toBeCloseTo(0.9, 9);
    expect(reported.pairs).toBe(freshPairs);
    expect(reported.interval[0]).toBeLessThanOrEqual(0.9);
    expect(reported.interval[1]).toBeGreaterThanOrEqual(0.9);
    expect([isComplete(pairs.slice(0, -1), measured), isComplete(pairs, measured)]).toEqual([false, true]);
  });

  it('draws more fresh pairs where the first are below the bar, and takes the acceptance back where these are too', () => {
    const first = [...gains(stop, [10, 8]), ...gains(freshPairs, [10, 9.9])];
    expect(isComplete(first, measured)).toBe(false);
    const worse = [...first, ...gains(maxFreshPairs - freshPairs, [10, 11])];
    expect([isComplete(worse.slice(0, -1), measured), isComplete(worse, measured)]).toEqual([false, true]);
    const refused = toVerdict(worse, measured);
    expect(refused).toMatchObject({ verdict: 'contradicted', reported: { pairs: maxFreshPairs } });
    expect(shortfallOf(refused)).toMatchObject({ reason: 'slower' });
    const better = [...first, ...gains(maxFreshPairs - freshPairs, [10, 8.5])];
    expect(toVerdict(better, measured)).toMatchObject({ verdict: 'accepted', reported: { pairs: maxFreshPairs } });
  });

  it('never tells a commit a gain below the bar', () => {
    const ratio = fc.double({ min: 0.7, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(fc.array(ratio, { minLength: maxFreshPairs, maxLength: maxFreshPairs }), (ratios) => {
        const fresh = ratios.map((each) => measuredPair([10, 10 * each]));
        // Also where the machine gives no more pairs before it is complete.
        for (const count of [0, 1, 5, freshPairs, freshPairs + 1, maxFreshPairs]) {
          const pairs = [...gains(stop, [10, 8]), ...fresh.slice(0, count)];
          const { verdict, reported } = toVerdict(pairs, measured);
          expect(verdict === 'accepted').toBe(reported.ratio <= 0.95);
        }
      }),
    );
  });

  it('is called slower only where a loss is shown', () => {
    const shortfall = (pairs: MeasuredPair[]) => shortfallOf(toVerdict(pairs, measured));
    expect(shortfall(gains(5, [10, 10])).detail).toMatch(
      /^unchanged \(95 % .*\d pairs\); 5\.0 % better is not proved$/,
    );
    expect(shortfall([...gains(2, [10, 13]), ...gains(1, [10, 14])]).reason).toBe('slower');
    expect(shortfall([...gains(2, [10, 10.1]), ...gains(1, [10, 13])]).reason).toBe('below-bar');
    expect(shortfallOf(toVerdict([measuredPair([10, 11])], terms(exact))).reason).toBe('slower');
    expect(shortfallOf(toVerdict([measuredPair([10, 10])], terms(exact)))).toEqual({
      reason: 'below-bar',
      detail: 'unchanged (exact, 1 pair); 5.0 % better is needed',
    });
  });
});
