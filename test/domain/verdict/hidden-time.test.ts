import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { termsOf } from '../../../domain/config/plan.ts';
import { viewsOf, type ClockTerms } from '../../../domain/verdict/corroboration.ts';
import { createCoin, decideSeries, defaultPolicy, median, toRatio } from '../../../domain/verdict/decision.ts';
import { judge } from '../../../domain/verdict/judgement.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';

const startUp = { cpuMs: 40, wallMs: 40, isEvadable: true };
const terms: ClockTerms = { clock: 'cpu', unit: 'ms', better: 'lower', startUp };

const sample = (pair: [number, number], cpuMs: [number, number], wallMs: [number, number]): MeasuredPair => ({
  ...{ first: 'champion', pair, cpuMs, wallMs, benchSeed: 1 },
});

/** Simulates runs of work that takes `share` of its time: the metric in it, start-up around it, and waiting beside. */
function simulate(seed: number, { noise = 0.02, waiting = 0.02, share = 1 } = {}) {
  const random = createCoin(seed);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const run = (factor: number): [metric: number, cpu: number, wall: number] => {
    const worked = 200 * factor * Math.exp(noise * gauss());
    const cpu = worked / share + 40 * Math.exp(noise * gauss());
    return [worked, cpu, cpu * Math.exp(waiting * Math.abs(gauss()))];
  };
  return (factor: number) => {
    const [champion, candidate] = [run(1), run(factor)];
    return sample([champion[0], candidate[0]], [champion[1], candidate[1]], [champion[2], candidate[2]]);
  };
}

const pairsOf = (count: number, draw: () => MeasuredPair) => Array.from({ length: count }, draw);
const verdictOf = (pairs: readonly MeasuredPair[], policy = defaultPolicy) =>
  decideSeries(viewsOf(pairs, policy, terms), policy).verdict;

describe('a gain in CPU time that may be hidden', () => {
  it('is asked of wall time too, and of nothing else where a control group counts, or wall time is asked already', () => {
    const pair = [sample([100, 50], [140, 90], [150, 148])];
    const { isEvadable: _, ...counted } = startUp;
    const views = viewsOf(pair, defaultPolicy, terms);
    expect(views).toHaveLength(3);
    expect(toRatio(views[2]![0]!)).toBeCloseTo(0.98, 9);
    expect(viewsOf(pair, defaultPolicy, { ...terms, startUp: counted })).toEqual(views.slice(0, 2));
    expect(viewsOf(pair, defaultPolicy, { ...terms, clock: 'wall' })).toEqual([views[0], views[2]]);
  });

  it('counts as what the one of the three shows that shows the least, whatever was measured', () => {
    const ms = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    const near = fc.double({ min: 0.5, max: 1.1, noNaN: true });
    const wild = fc.tuple(ms, ms, ms, ms, ms, ms).map(([a, b, c, d, e, f]) => sample([a, b], [c, d], [e, f]));
    const steady = fc
      .tuple(near, near, near)
      .map(([a, b, c]) => sample([100, 100 * a], [140, 40 + 100 * b], [140, 40 + 100 * c]));
    const units = fc.constantFrom('ms', 'ms/op', 'ops/s', '');
    const many = fc
      .oneof(wild, steady)
      .chain((first) =>
        fc.array(fc.oneof(wild, steady, fc.constant(first)), { maxLength: 59 }).map((rest) => [first, ...rest]),
      );
    fc.assert(
      fc.property(many, units, (pairs, unit) => {
        const views = viewsOf(pairs, defaultPolicy, { ...terms, unit });
        const all = decideSeries(views, defaultPolicy);
        for (const view of views) {
          expect(all.estimate).toBeGreaterThanOrEqual(toRatio(median(view.slice(0, all.pairs))));
          if (all.verdict === 'accepted') expect(decideSeries([view], defaultPolicy).verdict).toBe('accepted');
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['of which the metric tells the same', 'ms', 1],
    ['of a rate', 'ops/s', 1],
    ['beside wall time that is 3 % shorter by half of the work done twice as fast', 'ms', 0.97],
  ])('is refused with its reason where wall time does not show it: %s', (_, unit, factor) => {
    const honest = simulate(5);
    const better = unit === 'ms' ? 'lower' : 'higher';
    const pairs = pairsOf(60, () => {
      const { cpuMs, wallMs } = honest(factor);
      return sample(unit === 'ms' ? [200, 10] : [1000, 20_000], [cpuMs[0], 50], [wallMs[0], wallMs[1]]);
    });
    const policy = { ...defaultPolicy, better } as const;
    const { verdict, objection } = judge({
      ...{ pairs, policy, clock: { ...terms, unit, better }, unseeded: null, side: [] },
    });
    expect(verdict.verdict).toBe('rejected');
    expect(objection).toMatchObject({ reason: 'uncorroborated' });
    expect(objection!.detail).toContain('wall time of the command, since CPU time can be hidden from polled limits');
  });

  it('is no gain by chance more often than alpha', () => {
    const draw = simulate(17, { waiting: 0.1 });
    const accepted = Array.from({ length: 400 }, () =>
      verdictOf(
        pairsOf(60, () => draw(1)),
        { ...defaultPolicy, alpha: 0.05 },
      ),
    ).filter((verdict) => verdict === 'accepted').length;
    expect(accepted).toBeLessThanOrEqual(400 * 0.05);
  });

  it.each([
    [0.9, 0.02, 0.02, 1],
    [0.9, 0.03, 0.02, 0.7],
    [0.85, 0.03, 0.05, 1],
    [0.8, 0.05, 0.1, 1],
  ])(
    'is not lost where it is honest: of %f, noise %f, waiting %f, metric %f of the work',
    (factor, noise, waiting, share) => {
      const draw = simulate(23, { noise, waiting, share });
      const accepted = Array.from({ length: 200 }, () => verdictOf(pairsOf(60, () => draw(factor)))).filter(
        (verdict) => verdict === 'accepted',
      ).length;
      expect(accepted).toBeGreaterThanOrEqual(190);
    },
  );
});

describe('terms of a benchmark without a metric', () => {
  const config = (clock: 'cpu' | 'wall') => {
    const parsed = parseLoopConfig({
      ...{ repository: '/r', editable: ['src/**'], test: 'true', benchmark: { command: 'true', clock } },
    });
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    return { config: parsed.value, alpha: 0.001 };
  };

  it('ask for wall time where CPU time is the metric and may be hidden', () => {
    expect(termsOf(config('cpu'), startUp).clock).toMatchObject({ clock: 'wall', unit: 'ms' });
    expect(termsOf(config('wall'), startUp).clock).toBeNull();
    expect(termsOf(config('cpu'), { cpuMs: 40, wallMs: 40 }).clock).toBeNull();
  });
});
