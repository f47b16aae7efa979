import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanOf, readTimes, type HarnessName } from '../../../domain/benchmark/printed.ts';
import { readMetric } from '../../../domain/verdict/metric.ts';

const outputs: [HarnessName, output: string, times: [string, number][]][] = [
  [
    'go-bench',
    'goos: linux\nBenchmarkMakeLong-2   \t    1000\t    357123 ns/op\t  1024 B/op\nBenchmarkShort \t 1000\t 12.5 ns/op\nok  \tm\t0.4s\n',
    [
      ['BenchmarkMakeLong', 357_123],
      ['BenchmarkShort', 12.5],
    ],
  ],
  [
    'criterion',
    'parse/short             time:   [1.2000 µs 1.3000 µs 1.4000 µs]\n                        change: [-1.0% +0.1% +1.0%]\na name that is longer than the column of names\n                        time:   [2.0 ms 2.5 ms 3.0 ms]\n',
    [
      ['parse/short', 1_300],
      ['a name that is longer than the column of names', 2_500_000],
    ],
  ],
  [
    'pytest-benchmark',
    '--- benchmark: 2 tests ---\nName (time in us)         Min                 Max                Mean            StdDev              Median  IQR  Outliers  OPS  Rounds  Iterations\n---\ntest_short       1.0000 (1.0)       2.0000 (1.0)       1.5000 (1.0)      0.1 (1.0)      1.2500 (1.0)   0.1 (1.0)  1;2  1.0 (1.0)  100  1\ntest_long    1,000.0000 (>1000.0)  2,000.0 (2.0)  1,500.0 (2.0)  10.0 (2.0)  1,250.0000 (9.9)  0.1 (1.0)  1;2  1.0 (1.0)  100  1\n---\n',
    [
      ['test_short', 1_250],
      ['test_long', 1_250_000],
    ],
  ],
  [
    'vitest-bench',
    ' ✓ bench/sort.bench.ts > sort 1235ms\n     name             hz     min     max    mean     p75     p99    p995    p999     rme  samples\n   · normal     1,234.50  0.5000  1.2000  0.8100  0.9000  1.0000  1.1000  1.2000  ±1.20%      618\n   · reverse  617.25  1.0  2.0  1.6200  1.8  2.0  2.1  2.2  ±1.20%      309   fastest\n',
    [
      ['bench/sort.bench.ts > sort > normal', 810_000],
      ['bench/sort.bench.ts > sort > reverse', 1_620_000],
    ],
  ],
  [
    'tinybench',
    "┌─────────┬───────────┬──────────────────┬──────────────────┐\n│ (index) │ Task name │ Latency avg (ns) │ Latency med (ns) │\n├─────────┼───────────┼──────────────────┼──────────────────┤\n│ 0       │ 'fast'    │ '1234.5 ± 0.12%' │ '1200.0 ± 4.00'  │\n└─────────┴───────────┴──────────────────┴──────────────────┘\n",
    [['fast', 1_200]],
  ],
];

describe.each(outputs)('%s', (harness, output, times) => {
  it('is read as it prints', () => {
    expect(readTimes(output, harness).map(({ name, ns }) => [name, ns])).toEqual(
      times.map(([name, ns]) => [name, expect.closeTo(ns, 3) as number]),
    );
    const mean = Math.exp(times.reduce((sum, [, ns]) => sum + Math.log(ns), 0) / times.length);
    expect(readMetric(output, { harness }, { unit: 'ns' })).toMatchObject({
      ok: true,
      value: expect.closeTo(mean, 3) as number,
    });
  });

  it('says what it looks for where nothing is there', () => {
    expect(readMetric('', { harness }, { unit: 'ns' })).toEqual({
      ok: false,
      problem: expect.stringMatching(
        new RegExp(`^benchmark\\.harness: the output has no line of ${harness} \\(.+; let it run`),
      ) as string,
    });
  });
});

it('the mean of a suite falls by the same share whichever member becomes faster', () => {
  const times = fc.array(fc.record({ name: fc.string(), ns: fc.double({ min: 1, max: 1e9, noNaN: true }) }), {
    minLength: 1,
    maxLength: 9,
  });
  fc.assert(
    fc.property(times, fc.nat(), (suite, at) => {
      const faster = suite.map((one, index) => (index === at % suite.length ? { ...one, ns: one.ns / 2 } : one));
      expect(meanOf(faster) / meanOf(suite)).toBeCloseTo(2 ** (-1 / suite.length), 9);
    }),
  );
});
