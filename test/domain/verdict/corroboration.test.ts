import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corroborate, uncorroboratedDetail, viewsOf, type ClockTerms } from '../../../domain/verdict/corroboration.ts';
import { createCoin, decide, decideSeries, defaultPolicy, median, toRatio } from '../../../domain/verdict/decision.ts';
import { judge } from '../../../domain/verdict/judgement.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';

const terms: ClockTerms = { clock: 'cpu', unit: 'ms', better: 'lower', startUp: { cpuMs: 40, wallMs: 40 } };
const sample = (pair: [number, number], cpuMs: [number, number], wallMs = cpuMs): MeasuredPair => ({
  first: 'champion',
  pair,
  cpuMs,
  wallMs,
  benchSeed: 1,
});
const seenOf = (pair: MeasuredPair, clock: Partial<ClockTerms> = {}) =>
  corroborate([pair], { ...defaultPolicy, better: clock.better ?? 'lower' }, { ...terms, ...clock })!.seen;

describe('what the clock saw of a pair', () => {
  it("is, of a total time, the time saved over the champion's metric, so that start-up cancels", () => {
    expect(seenOf(sample([100, 80], [150, 130]))).toBeCloseTo(0.8, 12);
    expect(seenOf(sample([100, 50], [150, 130]))).toBeCloseTo(0.8, 12);
    expect(seenOf(sample([0.1, 0.05], [150, 130]), { unit: 's' })).toBeCloseTo(0.8, 12);
  });

  it('is, of a mean, a share or a rate, the time after start-up', () => {
    expect(seenOf(sample([10, 5], [140, 120]))).toBeCloseTo(0.8, 12);
    expect(seenOf(sample([10, 5], [140, 120]), { unit: 'ns/op' })).toBeCloseTo(0.8, 12);
    expect(seenOf(sample([1000, 1250], [140, 120]), { unit: 'req/s', better: 'higher' })).toBeCloseTo(0.8, 12);
  });

  it('is no more than one repeat of a mean of two: a claim is not paid twice', () => {
    // Two repeats of 50 ms, of which 5 ms each are saved; the metric claims 20 of one.
    expect(seenOf(sample([50, 30], [140, 130]))).toBeCloseTo(0.9, 12);
  });

  it("is the wall clock's where the metric is longer than the CPU time, that is asked for, or no CPU time is there", () => {
    const waiting = sample([300, 210], [100, 98], [345, 255]);
    expect(seenOf(waiting)).toBeCloseTo(0.7, 12);
    expect(seenOf(sample([90, 60], [100, 98], [345, 315]), { clock: 'wall' })).toBeCloseTo(1 - 30 / 305, 1);
    expect(seenOf(sample([90, 60], [0, 98], [135, 105]))).toBeCloseTo(1 - 30 / 90, 12);
    expect(seenOf(sample([90, 60], [140, 138], [345, 245]))).toBeCloseTo(1 - 2 / 90, 12);
  });

  it('bets as much on time lost as on time saved, and tells a loss as it is', () => {
    const clockOf = (pair: MeasuredPair) => viewsOf([pair], defaultPolicy, terms)[1]![0]!;
    for (const share of [0.001, 0.02, 0.05, 0.058, 0.06, 0.2, 0.9]) {
      const [slow, fast] = [150, 150 - 100 * share];
      const [gained, lost] = [clockOf(sample([100, 50], [slow, fast])), clockOf(sample([100, 50], [fast, slow]))];
      expect(Math.max(-0.06, gained)).toBeCloseTo(-Math.min(0.06, lost), 12);
    }
    for (const factor of [1.2, 1.5, 2, 3, 10])
      expect(seenOf(sample([100, 100 * factor], [150, 50 + 100 * factor]))).toBeCloseTo(factor, 9);
  });

  it('does not hang on what the champion prints in this pair', () => {
    const clockOf = (metric: number) =>
      viewsOf([sample([100, 50], [150, 100]), sample([metric, 1], [150, 130])], defaultPolicy, terms)[1]![1]!;
    for (const metric of [0, 1, 60, 1e6]) expect(clockOf(metric)).toBeCloseTo(Math.log(0.8), 12);
  });

  it('survives a start-up that was taken longer than the run, and more saved than there was', () => {
    for (const pair of [sample([0.1, 0.05], [30, 30]), sample([100, 1], [150, 1]), sample([100, 200], [150, 1e6])])
      expect(Number.isFinite(seenOf(pair))).toBe(true);
  });

  it('is told to a person with both figures, the clock and the remedy', () => {
    const found = corroborate([sample([100, 50], [150, 149])], defaultPolicy, terms)!;
    expect(uncorroboratedDetail(found)).toMatch(
      /^benchmark\.clock: the metric claims 50\.0 % better, .*CPU time.* saw 1\.0 % better; .*set benchmark\.clock to "wall" if waiting is the point, or to "none"/,
    );
    expect(uncorroboratedDetail({ ...found, clock: 'wall' })).not.toContain('"wall"');
  });
});

describe('the smaller of what metric and clock saw', () => {
  const times = fc.double({ min: 0.1, max: 1e6, noNaN: true });
  const anyPair = fc
    .tuple(times, times, times, times, times, times)
    .map(([a, b, c, d, e, f]) => sample([a, b], [c, d], [e, f]));
  const units = fc.constantFrom('ms', 's', 'ops/s', 'ns/op', '');

  it('decides: nothing is accepted that the metric or the clock alone would not accept', () => {
    const chance = fc.double({ min: 0.3, max: 1.2, noNaN: true });
    const steady = fc
      .array(fc.tuple(chance, chance), { minLength: 1, maxLength: 60 })
      .map((ratios) =>
        ratios.map(([claim, real]) => sample([100, 100 * claim], [140, 40 + 100 * Math.min(1.2, real)])),
      );
    fc.assert(
      fc.property(fc.oneof(steady, fc.array(anyPair, { minLength: 1, maxLength: 60 })), units, (pairs, unit) => {
        const views = viewsOf(pairs, defaultPolicy, { ...terms, unit });
        const both = decideSeries(views, defaultPolicy);
        for (const view of views) {
          const alone = decideSeries([view], defaultPolicy);
          if (both.verdict === 'accepted') expect(alone.verdict).toBe('accepted');
          expect(both.estimate).toBeGreaterThanOrEqual(toRatio(median(view.slice(0, both.pairs))));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is never more than the time that the clock saw saved, over the champion's metric", () => {
    fc.assert(
      fc.property(
        times,
        times,
        fc.double({ min: 0.5, max: 0.99, noNaN: true }),
        times,
        (metric, claimed, share, cpu) => {
          const [pair, before] = [[metric, claimed] as [number, number], metric / share];
          const seen = seenOf(sample(pair, [before, cpu]), { startUp: { cpuMs: 0, wallMs: 0 } });
          expect(1 - seen).toBeLessThanOrEqual(Math.max(0, (before - cpu) / metric) + 1e-9);
        },
      ),
    );
  });

  it.each([1.2, 1.5, 2, 3])('commits no claim that is inflated %f times where the clock sees nothing', (factor) => {
    const random = createCoin(7);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const noisy = () => 100 * Math.exp(0.05 * gauss());
    for (let decision = 0; decision < 300; decision++) {
      const pairs = Array.from({ length: 60 }, () => {
        const [before, after] = [noisy(), noisy()];
        return sample([before, after / factor], [before + 40, after + 40]);
      });
      const views = viewsOf(pairs, defaultPolicy, terms);
      expect(decideSeries(views, defaultPolicy).verdict).not.toBe('accepted');
    }
  });

  it.each([0.1, 0.3, 0.5, 0.8])(
    'takes no bad luck of the champion for a gain: its earlier runs choose the clock (%f of the runs have to wait)',
    (waiting) => {
      const random = createCoin(3);
      const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const run = () => {
        const [cpu, wait] = [100 * Math.exp(0.02 * gauss()), random() < waiting ? 1.6 + random() : 1];
        return { metric: cpu * wait, cpu: cpu + 10, wall: (cpu + 10) * wait };
      };
      let accepted = 0;
      for (let decision = 0; decision < 300; decision++) {
        const pairs = Array.from({ length: 60 }, () => {
          const [champion, candidate] = [run(), run()];
          const pair: [number, number] = [champion.metric, candidate.metric / 3];
          return sample(pair, [champion.cpu, candidate.cpu], [champion.wall, candidate.wall]);
        });
        const policy = { ...defaultPolicy, alpha: 0.01 };
        if (decideSeries(viewsOf(pairs, policy, terms), policy).verdict === 'accepted') accepted++;
      }
      expect(accepted).toBeLessThanOrEqual(6);
    },
  );

  it.each([
    ['ms', 0.6],
    ['ms', 1],
    ['ms/op', 0.6],
    ['ms/op', 1],
  ])('passes honest gains above the bar (%s, metric %f of the work)', (unit, share) => {
    const random = createCoin(5);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const run = (factor: number): [number, number] => {
      const worked = 100 * factor * Math.exp(0.04 * gauss());
      return [worked, worked / share + 40 * Math.exp(0.04 * gauss())];
    };
    let accepted = 0;
    for (let decision = 0; decision < 200; decision++) {
      const pairs = Array.from({ length: 60 }, () => {
        const [champion, candidate] = [run(1), run(0.85)];
        return sample([champion[0], candidate[0]], [champion[1], candidate[1]]);
      });
      if (decideSeries(viewsOf(pairs, defaultPolicy, { ...terms, unit }), defaultPolicy).verdict === 'accepted')
        accepted++;
    }
    expect(accepted).toBeGreaterThanOrEqual(196);
  });

  it.each([
    ['an honest gain of 10 % under a clock of much noise', 0.9, 1, 0, 2],
    ['a claim of 50 % without any gain', 1, 0.5, 90, 100],
  ])('is called uncorroborated only where it is shown: %s', (_, factor, claim, least, most) => {
    const random = createCoin(11);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    // The metric is half of the work, and the clock sees the noise of all of it.
    const run = (gained: number): [number, number] => {
      const speed = Math.exp(0.06 * gauss());
      return [60 * gained * speed, (60 * gained + 40) * speed + 40];
    };
    let refused = 0;
    for (let decision = 0; decision < 100; decision++) {
      const pairs = Array.from({ length: 100 }, () => {
        const [champion, candidate] = [run(1), run(factor)];
        return sample([champion[0], candidate[0] * claim], [champion[1], candidate[1]]);
      });
      const { objection } = judge({ pairs, policy: defaultPolicy, clock: terms, unseeded: null, side: [] });
      if (objection?.reason === 'uncorroborated') refused++;
    }
    expect(refused).toBeGreaterThanOrEqual(least);
    expect(refused).toBeLessThanOrEqual(most);
  });

  it("is the metric's own rule where no clock is asked", () => {
    fc.assert(
      fc.property(fc.array(anyPair, { minLength: 1, maxLength: 30 }), (pairs) => {
        const alone = decide(
          pairs.map(({ pair }) => pair),
          defaultPolicy,
        );
        expect(decideSeries(viewsOf(pairs, defaultPolicy, null), defaultPolicy)).toEqual(alone);
      }),
    );
    expect(corroborate([], defaultPolicy, null)).toBeNull();
  });
});
