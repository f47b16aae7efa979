import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  defaultPolicy,
  exactProblem,
  freshPairs,
  type DecisionPolicy,
  type Pair,
} from '../../../domain/verdict/decision.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import { decideBy, isComplete, toVerdict } from '../../../domain/verdict/verdict.ts';

const exact: DecisionPolicy = { ...defaultPolicy, noise: 'exact' };
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
    [[100, 104], 'higher', 'rejected'],
    [[100, 105], 'higher', 'continue'],
    [[100, 80], 'higher', 'rejected'],
  ])('takes %j, %s is better, as %s after one pair', (pair, better, verdict) => {
    expect(decideBy([pair], { ...exact, better })).toMatchObject({ verdict, pairs: 1 });
  });

  it('needs the very same numbers once more for a gain, and nothing else', () => {
    const pairs = [measuredPair([300, 100]), measuredPair([300, 100])];
    expect(toVerdict(pairs, exact)).toEqual({
      ...exact,
      verdict: 'accepted',
      pairs: 2,
      logCapitalReal: 0,
      logCapitalBar: 0,
      estimate: 100 / 300,
      interval: [100 / 300, 100 / 300],
      reportedRatio: 100 / 300,
    });
    expect([isComplete([], exact), isComplete(pairs.slice(1), exact), isComplete(pairs, exact)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(isComplete([measuredPair([300, 300])], exact)).toBe(true);
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
        expect(isComplete([measuredPair([a, b]), measuredPair([c, d])], exact)).toBe(true);
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

describe('the verdict on a measured metric', () => {
  it('is that of the rule, whatever is measured after its stop, and reports the fresh pairs', () => {
    const gains = Array.from({ length: 30 }, (): Pair => [10, 8]);
    const stop = decide(gains).pairs;
    const pairs = [...gains.slice(0, stop), ...Array.from({ length: freshPairs }, (): Pair => [10, 9.9])].map(
      measuredPair,
    );
    expect(toVerdict(pairs, defaultPolicy)).toMatchObject({
      verdict: 'accepted',
      pairs: stop,
      estimate: 0.8,
      reportedRatio: expect.closeTo(0.99, 9) as number,
    });
    expect([isComplete(pairs.slice(0, -1), defaultPolicy), isComplete(pairs, defaultPolicy)]).toEqual([false, true]);
    expect(toVerdict(pairs.slice(0, stop), defaultPolicy).reportedRatio).toBeNull();
  });
});
