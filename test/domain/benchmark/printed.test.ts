import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { meanOf, type HarnessName } from '../../../domain/benchmark/printed.ts';
import { readMembers, readMetric } from '../../../domain/verdict/metric.ts';

/** As the tools printed them: Go 1.26, pytest-benchmark 5.3.1, Vitest 4.1.12, tinybench 6.2.5, Criterion. */
const recorded = (harness: HarnessName) =>
  readFileSync(new URL(`../../fixtures/harness/${harness}.txt`, import.meta.url), 'utf8');

it.each<[HarnessName, [string, number][]]>([
  [
    'go-bench',
    [
      ['BenchmarkStringWidthText/ascii', 2_235],
      ['BenchmarkTruncatePrefix/emoji', 71_796],
    ],
  ],
  [
    'pytest-benchmark',
    [
      ['test_words', 1_332],
      ['test_big[16]', 287_930.5],
      ['test_small', 1_813],
    ],
  ],
  [
    'vitest-bench',
    [
      ['b.bench.ts > sort > normal', 1e9 / 304_613.37],
      ['b.bench.ts > sort > reverse a long one', 1e9 / 906.72],
      ['b.bench.ts > top', 1e9 / 437_177.58],
    ],
  ],
  [
    'tinybench',
    [
      ['fast one', 1_157],
      ['slow one', 8_184_735],
    ],
  ],
  [
    'criterion',
    [
      ['fib 10', 963.84],
      ['a group with a name that is longer than the column/20', 1.164],
      ['a group with a name that is longer than the column/with throughput/5', 1.114],
    ],
  ],
])('%s is read from what it printed', (harness, some) => {
  const counts = { 'go-bench': 12, 'pytest-benchmark': 4, 'vitest-bench': 3, tinybench: 2, criterion: 3 };
  const members = readMembers(recorded(harness), { harness });
  expect(members).toHaveLength(counts[harness]);
  for (const [name, ns] of some) expect(members).toContainEqual({ name, ns: expect.closeTo(ns, 6) as number });
  const mean = Math.exp(members.reduce((sum, { ns }) => sum + Math.log(ns), 0) / members.length);
  const read = readMetric(recorded(harness), { harness }, { unit: 'ns' });
  expect(read).toMatchObject({ ok: true, value: expect.closeTo(mean, 6) as number });
});

it.each([
  [
    "a benchmark's own lines between its name and its time",
    'BenchmarkA-2   \tCHECK 79f2c\n    1000\t        66.44 ns/op\n',
  ],
  ['a line of its own', 'BenchmarkA-2   \t\nCHECK 79f2c\n    1000\t        66.44 ns/op\n'],
  ['a number of repeats', 'BenchmarkA-2 10 70.1 ns/op\nBenchmarkA-2 10 66.44 ns/op\n'],
])('go-bench is read with %s', (_, output) => {
  expect(readMembers(output, { harness: 'go-bench' })).toEqual([{ name: 'BenchmarkA', ns: 66.44 }]);
});

it('pytest-benchmark is read by the columns that a person chose', () => {
  const table = 'Name (time in ms)    Min     Max    Mean\n-----\ntest_a    1.7 (1.0)   4.3 (2.0)  1.9 (1.0)\n';
  expect(readMembers(table, { harness: 'pytest-benchmark' })).toEqual([{ name: 'test_a', ns: 1.9e6 }]);
});

it.each<[HarnessName, RegExp]>([
  ['go-bench', /BenchmarkParse/],
  ['pytest-benchmark', /the table below/],
  ['vitest-bench', /the table below/],
  ['tinybench', /console\.table/],
  ['criterion', /time:/],
])('%s: says what it looks for where nothing is there', (harness, example) => {
  const read = readMetric('nothing\n', { harness }, { unit: 'ns' });
  expect(read).toEqual({ ok: false, problem: expect.stringMatching(example) as string });
  expect(read).toEqual({
    ok: false,
    problem: expect.stringMatching(
      new RegExp(`^benchmark\\.harness: the output has no line of ${harness} \\(.+; let it run`),
    ) as string,
  });
});

it.each([
  ['hyperfine', '/results/0/median', 's', 0.0135631825],
  ['google-benchmark', '/benchmarks/0/cpu_time', 'ns', 20.477999999999987],
  ['jmh', '/0/primaryMetric/score', 's/op', 0.024354346],
  ['jmh', '/0/primaryMetric/score', 'ms/op', 24.354346],
])('a recipe of docs/benchmark.md reads what %s printed: %s in %s', (name, pointer, unit, value) => {
  const output = readFileSync(new URL(`../../fixtures/harness/${name}.json`, import.meta.url), 'utf8');
  const read = readMetric(output, { pointer }, { unit });
  expect(read).toMatchObject({ ok: true, value: expect.closeTo(value, 9) as number });
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
