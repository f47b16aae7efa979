import { describe, expect, it } from 'vitest';
import { samplesBetween, noiseOf, type BenchmarkRun } from '../../../domain/verdict/noise.ts';

const runs = (metrics: number[], cpu = 50): BenchmarkRun[] =>
  metrics.map((metric, index) => ({ metric, cpuMs: cpu, wallMs: 100 + (index % 2) * 100 }));

describe('the noise of a benchmark', () => {
  it('is the spread of consecutive runs, by clock', () => {
    const { spread, quietest } = noiseOf(runs([100, 110, 100, 110, 100, 110]), { better: 'lower' });
    expect(spread.metric).toBeCloseTo(1.4826 * Math.log(1.1), 9);
    expect(spread.wallMs).toBeCloseTo(1.4826 * Math.log(2), 9);
    expect([spread.cpuMs, quietest]).toEqual([0, 'cpuMs']);
  });

  it('has no spread of a clock that is not there', () => {
    expect(noiseOf(runs([1, 2, 3], 0), { better: 'lower' })).toMatchObject({
      spread: { cpuMs: null },
      quietest: 'metric',
      repeats: [],
    });
  });

  it('tells what taking several runs for one would leave', () => {
    const alternating = runs(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 100 : 130)));
    const { spread, repeats } = noiseOf(alternating, { better: 'lower' });
    expect(repeats.map(({ runs: count }) => count)).toEqual([2, 4, 8]);
    expect(spread.metric).toBeGreaterThan(0.3);
    for (const { mean, best } of repeats) expect([mean, best]).toEqual([0, 0]);
    expect(
      noiseOf(runs(Array.from({ length: 20 }, () => 1)), { better: 'higher' }).repeats.map(({ runs: count }) => count),
    ).toEqual([2, 4]);
  });

  it('compares each block of runs with the one after it', () => {
    const sum = (block: readonly number[]) => block.reduce((total, value) => total + value, 0);
    expect(samplesBetween([1, 2, 4])).toEqual([Math.log(2), Math.log(2)]);
    expect(samplesBetween([1, 1, 2, 2, 2], { size: 2, sum })).toEqual([Math.log(4 / 2), Math.log(4 / 3)]);
  });
});
