import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corroborate, uncorroboratedDetail, type ClockTerms } from '../../../domain/verdict/corroboration.ts';
import { capital, createCoin, freshPairs, maxPairs, median, toLogRatio } from '../../../domain/verdict/decision.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import { signedRankChance } from '../../../domain/verdict/signed-rank.ts';
import { unitKind } from '../../../domain/verdict/unit.ts';

const terms: ClockTerms = { clock: 'cpu', unit: 'ms', better: 'lower', startUp: { cpuMs: 40, wallMs: 40 } };
const sample = (pair: [number, number], cpuMs: [number, number], wallMs = cpuMs): MeasuredPair => ({
  first: 'champion',
  pair,
  cpuMs,
  wallMs,
  benchSeed: 1,
});
/** Twenty pairs that differ a little from each other, so that no rank is tied. */
const series = (of: (wobble: number) => MeasuredPair) => Array.from({ length: 20 }, (_, index) => of(1 + index / 1000));

describe('corroborate', () => {
  it('holds seconds saved against seconds saved where the metric is a total time, so that start-up cancels', () => {
    const honest = series((w) => sample([100 * w, 80 * w], [150 * w, 130 * w]));
    expect(corroborate(honest, terms)).toMatchObject({
      clock: 'cpu',
      form: 'seconds',
      startUpMs: null,
      corroborated: true,
    });
    const patched = series((w) => sample([100 * w, 80 * w], [150 * w, 149 * w]));
    expect(corroborate(patched, terms)).toMatchObject({ form: 'seconds', corroborated: false });
    const inSeconds = series((w) => sample([0.1 * w, 0.08 * w], [150 * w, 130 * w]));
    expect(corroborate(inSeconds, { ...terms, unit: 's' })).toMatchObject({ form: 'seconds', corroborated: true });
  });

  it('takes a small part of the run for a total time where the clock saw all of the claim, and a gain at the bar by itself', () => {
    const honest = series((w) => sample([12 * w, 1 * w], [118 * w, 90 * w]));
    expect(corroborate(honest, terms)).toMatchObject({ form: 'seconds', corroborated: true });
    const patched = series((w) => sample([12 * w, 1 * w], [118 * w, 117 * w]));
    expect(corroborate(patched, terms)).toMatchObject({ form: 'log', corroborated: false });
  });

  it.each(['ns/op', '1/s'])(
    'holds log gains without the start-up against each other where the metric in %s is a part of the time',
    (unit) => {
      const better = unit === '1/s' ? 'higher' : 'lower';
      const claim = (w: number): [number, number] => (better === 'higher' ? [80 * w, 100 * w] : [0.01 * w, 0.008 * w]);
      const honest = series((w) => sample(claim(w), [140 * w, 120 * w]));
      const found = corroborate(honest, { ...terms, unit, better })!;
      expect(found).toMatchObject({ form: 'log', startUpMs: 40, corroborated: true });
      expect(found.seen).toBeCloseTo(found.claimed, 1);
      expect(
        corroborate(
          series((w) => sample(claim(w), [140 * w, 136 * w])),
          { ...terms, unit, better },
        ),
      ).toMatchObject({ corroborated: false });
    },
  );

  it('inverts a rate', () => {
    const honest = series((w) => sample([1000 * w, 1250 * w], [140 * w, 120 * w]));
    expect(corroborate(honest, { ...terms, unit: 'req/s', better: 'higher' })).toMatchObject({
      form: 'log',
      corroborated: true,
    });
    const patched = series((w) => sample([1000 * w, 1250 * w], [140 * w, 140 * w]));
    expect(corroborate(patched, { ...terms, unit: 'req/s', better: 'higher' })).toMatchObject({
      corroborated: false,
      seen: 0,
      chance: 1,
    });
  });

  it('asks the wall clock where that is wished, or where a run has no CPU time', () => {
    const waiting = series((w) => sample([100 * w, 50 * w], [45, 45], [150 * w, 100 * w]));
    expect(corroborate(waiting, terms)).toMatchObject({ clock: 'cpu', corroborated: false });
    expect(corroborate(waiting, { ...terms, clock: 'wall' })).toMatchObject({ clock: 'wall', corroborated: true });
    expect(corroborate([...waiting.slice(1), { ...waiting[0]!, cpuMs: [45, 0] }], terms)).toMatchObject({
      clock: 'wall',
      corroborated: true,
    });
  });

  it('says nothing of a metric that no clock can see', () => {
    for (const unit of ['bytes', 'MB', 'allocations', 'loss', '%', 'cycles'])
      expect(corroborate([sample([2, 1], [1, 1])], { ...terms, unit })).toBeNull();
  });

  it('survives a start-up that was taken longer than the run', () => {
    const found = corroborate(
      series((w) => sample([0.1 * w, 0.05 * w], [30 * w, 30 * w])),
      terms,
    )!;
    expect([Number.isFinite(found.seen), found.corroborated]).toEqual([true, false]);
  });

  it('never corroborates what the clock saw become slower', () => {
    const times = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    const slower = fc
      .tuple(times, times, times, fc.double({ min: 0, max: 3, noNaN: true }))
      .map(([a, b, cpu, more]) => sample([a, b], [cpu, cpu * (1 + more)]));
    fc.assert(
      fc.property(
        fc.array(slower, { minLength: 1, maxLength: 60 }),
        fc.constantFrom('ms', 'ops', 'ns/op', ''),
        fc.constantFrom('lower', 'higher'),
        (pairs, unit, better) => {
          expect(corroborate(pairs, { ...terms, unit, better })?.corroborated).toBe(false);
        },
      ),
    );
  });

  it('tells a person both figures, the clock and the remedy', () => {
    const found = corroborate(
      series((w) => sample([100 * w, 50 * w], [150 * w, 149 * w])),
      terms,
    )!;
    expect(uncorroboratedDetail(found)).toMatch(
      /^benchmark\.clock: the metric claims 50 ms .*CPU time.* saw 1\.0\d ms .*set benchmark\.clock to "wall" if waiting is the point, or to "none"/,
    );
    const byWall = uncorroboratedDetail({ ...found, clock: 'wall', form: 'log', claimed: Math.log(2), seen: 0 });
    expect(byWall).toMatch(/claims 50\.0 % .*wall time.* saw 0\.0 %/);
    expect(byWall).not.toContain('"wall"');
  });
});

describe('corroboration of simulated decisions', () => {
  const random = createCoin(5);
  const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const work = 100;
  const [pairSpread, startUpSpread] = [0.08, 0.04];

  /** A metric whose process also starts up; `patched` is the share of the time that the candidate hides from the metric and not from the clock. */
  function drawSample(share: number, gain: number, patched: number): MeasuredPair {
    const run = (factor: number, hidden: number) => {
      const worked = work * factor * Math.exp((gauss() * pairSpread) / Math.SQRT2);
      return [worked * (1 - hidden), worked + (work / share - work) * Math.exp(gauss() * startUpSpread)] as const;
    };
    const [champion, candidate] = [run(1, 0), run(1 - gain, patched)];
    return sample([champion[0], candidate[0]], [champion[1], candidate[1]]);
  }

  /** The rule of `decide` without its interval, which takes nearly all of its time; null where it does not accept. */
  function acceptedPairs(draw: () => MeasuredPair): MeasuredPair[] | null {
    const [real, atBar] = [capital(0, -1), capital(Math.log(0.95), -1)];
    const pairs: MeasuredPair[] = [];
    for (let best = 0; pairs.length < maxPairs;) {
      pairs.push(draw());
      const logRatios = pairs.map(({ pair }) => toLogRatio(pair, 'lower'));
      best = Math.max(best, real.bet(logRatios.at(-1)!));
      if (atBar.bet(logRatios.at(-1)!) <= Math.log(0.05)) return null;
      if (best >= Math.log(2000) && median(logRatios) <= Math.log(0.95))
        return [...pairs, ...Array.from({ length: freshPairs }, draw)];
    }
    return null;
  }

  function passed(unit: string, share: number, gain: number, patched: number): number {
    const accepted = Array.from({ length: 400 }, () => acceptedPairs(() => drawSample(share, gain, patched))).filter(
      (pairs) => pairs !== null,
    );
    const startUp = { cpuMs: (work / share - work) * 0.95, wallMs: 0 };
    return (
      accepted.filter((pairs) => corroborate(pairs, { ...terms, unit, startUp })!.corroborated).length / accepted.length
    );
  }

  it.each([
    ['ms', 0.5],
    ['ms', 1],
    ['ms/op', 0.5],
    ['ms/op', 1],
  ])('passes honest gains and stops a patched clock (%s, metric %f of the process)', (unit, share) => {
    expect(passed(unit, share, 0.1, 0)).toBeGreaterThanOrEqual(0.98);
    expect(passed(unit, share, 0.2, 0)).toBe(1);
    expect(passed(unit, share, 0, 0.06)).toBeLessThanOrEqual(0.05);
    expect(passed(unit, share, 0, 0.1)).toBeLessThanOrEqual(0.02);
    expect(passed(unit, share, 0, 0.3)).toBe(0);
  });
});

describe('signedRankChance', () => {
  it('agrees with the published table of the exact distribution', () => {
    // n = 5: P(W+ = 15) = 1/32; n = 10: P(W+ >= 45) = 0.0420 (W- <= 10); n = 20: P(W- <= 60) = 0.0487.
    expect(signedRankChance([1, 2, 3, 4, 5])).toBeCloseTo(1 / 32, 12);
    expect(signedRankChance([-1, -2, -3, -4, 5, 6, 7, 8, 9, 10])).toBeCloseTo(0.042, 3);
    const negative = new Set([20, 19, 18, 3]);
    expect(
      signedRankChance(Array.from({ length: 20 }, (_, index) => (negative.has(index + 1) ? -index - 1 : index + 1))),
    ).toBeCloseTo(0.0487, 4);
  });

  it('equals the count over all sign patterns, ties and zeros included', () => {
    const small = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 9 });
    fc.assert(
      fc.property(
        small,
        (differences) => void expect(signedRankChance(differences)).toBeCloseTo(byCounting(differences), 9),
      ),
    );
  });

  /** Every sign pattern, one by one. */
  function byCounting(differences: readonly number[]): number {
    const values = differences.filter((value) => value !== 0);
    const rank = (value: number) => {
      const sizes = values.map(Math.abs).sort((a, b) => a - b);
      return (sizes.indexOf(Math.abs(value)) + sizes.lastIndexOf(Math.abs(value)) + 2) / 2;
    };
    const ranks = values.map(rank);
    const reached = values.reduce((sum, value, index) => (value > 0 ? sum + ranks[index]! : sum), 0);
    const sums = Array.from({ length: 2 ** ranks.length }, (_, bits) =>
      ranks.reduce((sum, each, index) => ((bits >> index) & 1 ? sum + each : sum), 0),
    );
    return sums.filter((sum) => sum >= reached - 1e-9).length / sums.length;
  }
});

describe('unitKind', () => {
  it.each<[string, ReturnType<typeof unitKind>]>([
    ['ms', { kind: 'time', ms: 1 }],
    ['Sec', { kind: 'time', ms: 1000 }],
    ['µs', { kind: 'time', ms: 1e-3 }],
    ['μs', { kind: 'time', ms: 1e-3 }],
    ['ns/op', { kind: 'time-share' }],
    ['ms per item', { kind: 'time-share' }],
    ['', { kind: 'time-share' }],
    ...[
      'ops',
      'ops/sec',
      'op/s',
      'MB/s',
      'req / s',
      'it/s',
      'kHz',
      'RPS',
      'qps',
      'fps',
      'items per second',
      'tokens/ms',
    ].map((unit): [string, { kind: 'rate' }] => [unit, { kind: 'rate' }]),
    ...['bytes', 'MB', 'loss', 'allocations', 'shops', 'B/op', 'm', 'items'].map(
      (unit): [string, { kind: 'other' }] => [unit, { kind: 'other' }],
    ),
  ])('reads %j', (unit, kind) => expect(unitKind(unit)).toEqual(kind));
});
