import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFixedTime } from '../../../domain/benchmark/facts.ts';
import { fixedWork, harnessOf } from '../../../domain/benchmark/harness.ts';

const startUp = { cpuMs: 40, wallMs: 45 };
const ms = fc.integer({ min: 60, max: 60_000 });
/** Noise of a quiet machine, in percent. */
const noise = fc.integer({ min: -10, max: 10 }).map((percent) => 1 + percent / 100);

describe('a benchmark at half speed', () => {
  it('that does as much work, in twice the time, does a fixed amount', () => {
    fc.assert(
      fc.property(ms, noise, noise, (work, first, second) => {
        const full = { cpuMs: 40 + work * first, wallMs: 45 + work * first };
        const slowed = { cpuMs: 40 + work * second, wallMs: 2 * (45 + work * second) };
        expect(isFixedTime([full], slowed, startUp)).toBe(false);
      }),
    );
  });

  it('that does half of the work, in the same time, goes by a clock', () => {
    fc.assert(
      fc.property(ms, noise, noise, (time, first, second) => {
        const full = { cpuMs: 40 + time * first, wallMs: 45 + time };
        const slowed = { cpuMs: 40 + (time / 2) * second, wallMs: 2 * 45 + time };
        expect(isFixedTime([full], slowed, startUp)).toBe(true);
      }),
    );
  });

  it('that waits for something goes by no clock that counts work', () => {
    expect(isFixedTime([{ cpuMs: 45, wallMs: 1_050 }], { cpuMs: 45, wallMs: 1_060 }, startUp)).toBe(false);
    expect(isFixedTime([{ cpuMs: 140, wallMs: 1_150 }], { cpuMs: 139, wallMs: 1_260 }, startUp)).toBe(false);
  });

  it('is held against the quickest run at full speed, since the first may be cold', () => {
    const slowed = { cpuMs: 240, wallMs: 490 };
    const cold = { cpuMs: 400, wallMs: 500 };
    expect(isFixedTime([cold, { cpuMs: 240, wallMs: 245 }], slowed, startUp)).toBe(false);
  });
});

describe('a harness', () => {
  it.each([
    ['testing.B', ['go test -bench=. ./...'], '-benchtime=100x'],
    ['testing.B', ['./bench.test -test.bench=.', 'BenchmarkSort-8   \t     100\t  1234 ns/op'], '-benchtime=100x'],
    ['tinybench', ["import { Bench } from 'tinybench';"], 'time: 0'],
    ['mitata', ["import { bench, run } from 'mitata';"], 'min_cpu_time: 0'],
    ['vitest bench', ['npx vitest bench --run'], 'time: 0'],
    ['Criterion', ['cargo bench', 'parse   time:   [1.2 ms 1.3 ms 1.4 ms]'], 'fixed number of times'],
    ['pytest-benchmark', ['pytest bench.py --benchmark-json=o.json'], '--benchmark-max-time=0'],
    ['timeit', ['python3 -m timeit -s "import a" "a.f()"'], '-n 100'],
    ['Google Benchmark', ['./bench --benchmark_format=json'], '--benchmark_min_time=100x'],
    ['hyperfine', ['hyperfine ./bench'], '--runs 10'],
  ])('%s is known by %j', (name, texts, option) => {
    expect(harnessOf(texts).name).toBe(name);
    expect(fixedWork(name)).toContain(option);
    expect(fixedWork(name)).toContain(name);
  });

  it('goes by a clock unless it is told a number', () => {
    expect(harnessOf(['go test -bench=.']).isTimed).toBe(true);
    expect(harnessOf(['go test -bench=. -benchtime=100x']).isTimed).toBe(false);
    expect(harnessOf(['pytest --benchmark-only']).isTimed).toBe(true);
    expect(harnessOf(['pytest bench.py --benchmark-only', 'benchmark.pedantic(f, rounds=9)']).isTimed).toBe(false);
    expect(harnessOf(["import { Bench } from 'tinybench';\nnew Bench({ time: 100 })"]).isTimed).toBe(true);
    expect(harnessOf(["import { Bench } from 'tinybench';\nnew Bench({ iterations: 9, time: 0 })"]).isTimed).toBe(
      false,
    );
    expect(harnessOf(['hyperfine ./bench']).isTimed).toBe(false);
  });

  it('that is not known gets the remedy in general words', () => {
    const unknown = harnessOf(['node bench.mjs', 'const from = performance.now();', 'x 123 ops/sec']);
    expect(unknown).toEqual({ name: null, isTimed: false });
    expect(fixedWork(null)).toContain('a fixed number of repeats');
  });
});
