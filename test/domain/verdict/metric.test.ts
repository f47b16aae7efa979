import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMetric, readText, type MetricPlace } from '../../../domain/verdict/metric.ts';
import { unitMismatch } from '../../../domain/verdict/reading/quantity.ts';

const pattern = { pattern: '^METRIC ms=(.*)$' };
const refusal = (problem: RegExp) => ({ ok: false, problem: expect.stringMatching(problem) as string });
const read = (value: number, printedUnit: string | null = null) => ({ ok: true, value, printedUnit });
/** Any number will do: bytes may be 0 or less. */
const score = { unit: 'score' };

describe('readMetric', () => {
  it.each([
    'noise\nMETRIC ms=12.5\nmore\n',
    'METRIC ms=12.5',
    '\r\nMETRIC ms=12.5\r\nmore\r\n',
    'METRIC ms=1.25e1\n',
    'METRIC ms=0012.50\n',
    'METRIC ms=+12.5\n',
    'METRIC ms= 12.5 \n',
    '\u001b[1;32mMETRIC\u001b[0m ms=\u001b[32m12.5\u001b[0m\n',
    ' 50%|##  |\r100%|####|\rMETRIC ms=12.5\n',
    '\u001b[32m\u001b[KMETRIC ms=12.5\u001b[m\u001b[K\n',
    '\ufeffMETRIC ms=12.5\n',
    'METRIC ms=12.50.\n',
  ])('reads the one line that matches in %j', (stdout) => expect(readMetric(stdout, pattern)).toEqual(read(12.5)));

  it.each([
    ['no metric', 'nothing', /^benchmark\.metric\.pattern: no line of the output matches/],
    ['two metrics', 'METRIC ms=1\nMETRIC ms=2', /^benchmark\.metric\.pattern: 2 places of the output match/],
    ['the same metric twice', 'METRIC ms=1\nMETRIC ms=1\n', /2 places/],
    ['a metric inside a longer line', 'xMETRIC ms=1', /no line/],
    ['a line that a terminal would overwrite', 'METRIC ms=9\rMETRIC ms=1\n', /2 places/],
    ['what a terminal would erase', '\u001b[2K\u001b[1GMETRIC ms=1\n', /no line/],
    [
      "a line of its own before one that hides the benchmark's",
      'METRIC ms=1\nxMETRIC ms=50\n',
      /begins with is in the output twice/,
    ],
    [
      "a colour without an end that swallows a letter of the benchmark's line",
      'mean 1\n\u001b[mean 50\n',
      /begins with is in the output twice/,
      { pattern: '^mean ([0-9.]+)$' },
    ],
    ['a line separator that is no line end', 'x\u2028METRIC ms=1', /no line/],
  ])('refuses %s', (_, stdout, problem, place: MetricPlace = pattern) =>
    expect(readMetric(stdout, place)).toMatchObject(refusal(problem)),
  );

  it('counts an unanchored pattern over the whole output, within a line and over lines', () => {
    const loose = { pattern: 'ms=([0-9.]+)' };
    expect(readMetric('took ms=3.5 in all\n', loose)).toEqual(read(3.5));
    expect(readMetric('ms=3.5 ms=4\n', loose)).toMatchObject(refusal(/2 places/));
    expect(readMetric('ms=3.5\nms=4\nms=5', loose)).toMatchObject(refusal(/3 places/));
  });

  it.each([
    'ms=1,234',
    'ms=1.5e-3',
    'ms=1\u0663',
    'ms=0x1F',
    'ms=1_000',
    "ms=1'000",
    'ms=1\u00a0000',
    'ms=1\u202f000',
    '1ms=7.5.5',
    'ms=12-15',
    'ms=1:23.4',
  ])('takes no number out of a longer one: %j', (stdout) => {
    expect(readMetric(stdout, { pattern: 'ms=([0-9]+(?:\\.[0-9]+)?)' })).toMatchObject(
      refusal(/part of a longer number/),
    );
  });

  it.each(['ms=-12', 'ms=+12', 'ms=.12', 'ms=1,12', 'ms=9e12', 'ms=0x12', 'ms-12'])(
    'takes no end of a longer one: %s',
    (stdout) => {
      expect(readMetric(stdout, { pattern: '([0-9]{2})$' }, score)).toMatchObject(refusal(/part of a longer number/));
    },
  );

  it.each(['real 1m2.5s', 'took 1 min 2.5 s', 'took 3 s, 2.5 ms', 'Elapsed: 1:02.5', 'took 1h 2.5 min'])(
    'takes no part of a longer time: %s',
    (stdout) => {
      const read = readMetric(stdout, { pattern: '([0-9]*\\.[0-9]+)' }, { unit: 's' });
      expect(read).toMatchObject(refusal(/part of a longer (?:time|number)/));
    },
  );

  it.each(['ms=1 234,5', 'ms=1 234 ms', 'ms=12 345 678.5 us', 'ms=<1'])(
    'takes no number that may go on, or is no number: %s',
    (stdout) =>
      expect(readMetric(stdout, { pattern: 'ms=<?([0-9]+)' })).toMatchObject(refusal(/part of a longer number/)),
  );

  it.each(['ms=1 234', 'ms=1 2345 ms', 'ms=1000 234 ms'])('takes a number before another: %s', (stdout) =>
    expect(readMetric(stdout, { pattern: 'ms=([0-9]+)' }).ok).toBe(true),
  );

  it('reads the seconds behind no minutes', () => {
    const seconds = { pattern: 'real\\s+[0-9]+m([0-9.]+)s' };
    expect(readMetric('real\t0m1.234s\nuser\t0m1.1s\n', seconds, { unit: 's' })).toEqual(read(1.234, 's'));
    expect(readMetric('real\t1m1.234s\n', seconds, { unit: 's' })).toMatchObject(refusal(/part of a longer time/));
  });

  it.each<[string, number, string | null]>([
    ['12.5, then more', 12.5, null],
    ['took 12.5ms.', 12.5, 'ms'],
    ['(12.5)', 12.5, null],
    ['ms=12.5 e', 12.5, null],
  ])('takes a number that ends where it ends: %s', (stdout, value, unit) => {
    expect(readMetric(stdout, { pattern: '([0-9]+\\.[0-9]+)' })).toEqual(read(value, unit));
  });

  it('says where blanks keep a pattern from its line', () => {
    const strict = { pattern: '^METRIC ms=([0-9.]+)$' };
    for (const stdout of ['  METRIC ms=12.5\n', 'METRIC ms=12.5 \r\n'])
      expect(readMetric(stdout, strict)).toMatchObject(refusal(/since blanks stand before or behind "METRIC ms=12.5"/));
  });

  it('never matches over the end of a line', () => {
    expect(readMetric('ms\n5\n', { pattern: 'ms\\s+([0-9]+)' })).toMatchObject(refusal(/no line/));
  });

  it.each([
    ...['0x10', '0b11', '0o7', '1e999', '1e-320', '1e-400', 'NaN', 'nan', 'Infinity', '-Infinity', 'inf', '∞'],
    ...['1,5', '1,234', '-1,234', '1.000,5', '12,34.5', '0,123.4', '1_00', '1.2.3', '1e', 'e5', '1e+', '+-5', '--5'],
    ...['١٢', '\uff11\uff12', '৪', '½', '1 000', '', ' ', '5 points', '$5', '"5"', '1\u200b', '1\0'],
    ...['5n', '1.2k', '3M', '3 M', '12m', '1.2 million', '12Ki', '2 ksteps', '12ms2', '12s-13'],
    '9'.repeat(400),
    `0.${'0'.repeat(400)}1`,
  ])('refuses the number %j', (text) => {
    const read = readMetric(`METRIC ms=${text}`, pattern, { unit: 'steps' });
    expect(read).toMatchObject(refusal(/^benchmark\.metric\.pattern: [^;]*; .*(?:print|match)/));
  });

  it.each<[string, number]>([
    ...([
      ['0', 0],
      ['0.0', 0],
      ['0e5', 0],
      ['-0', 0],
      ['-0.0', 0],
      ['-3', -3],
      ['\u22123', -3],
      ['+12.5', 12.5],
      ['.5', 0.5],
      ['-.5', -0.5],
      ['1.5e-7', 1.5e-7],
      ['1.5E+7', 1.5e7],
      ['1e100', 1e100],
      ['1,234.5', 1234.5],
      ['1,234,567', 1234567],
      ['-1,234,567.25', -1234567.25],
      ['1_234', 1234],
      ["1'234'567.5", 1234567.5],
    ] satisfies [string, number][]),
  ])('reads the number %s', (text, value) =>
    expect(readMetric(`METRIC ms=${text}`, pattern, score)).toEqual(read(value)),
  );

  it.each([
    ['ms', '0', /0 ms is below what the program's timer can tell; measure more work/],
    ['ms', '-1', /a time of -1 ms cannot be/],
    ['ns/op', '0.0', /0 ns\/op is below/],
    ['ops/s', '0', /0 ops\/s is below/],
    ['MB/s', '-2', /a rate of -2 MB\/s cannot be/],
  ])('refuses %s of %s', (unit, text, problem) =>
    expect(readMetric(`METRIC ms=${text}`, pattern, { unit })).toMatchObject(refusal(problem)),
  );

  it.each(['', 'bytes', 'faults', '%'])('takes 0 %s for a value', (unit) =>
    expect(readMetric('METRIC ms=0', pattern, { unit })).toMatchObject({ ok: true, value: 0 }),
  );

  it('reads every decimal as it is', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
        const text = value.toFixed(9);
        expect(readMetric(`METRIC ms=${text}`, pattern, score)).toEqual(read(Number(text) + 0));
      }),
    );
  });

  it('reads what is a decimal and refuses whatever else is printed, without throwing', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(..."0123456789.eE+-, xXn_'".split(/(?:)/)) }),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const found = readMetric(`METRIC ms=${text}`, pattern, { unit: 'score' });
        if (found.ok) {
          const [line = ''] = text.split(/[\r\n]/);
          const number = line
            .replace(/\u001b\[[0-9;:]*m/g, '')
            .replace(/[,_'’]/g, '')
            .replace('\u2212', '-');
          expect(found.value).toBe(Number(number.trim().replace(/ ?%$/, '')) + 0);
        } else expect(found.problem).toMatch(/^benchmark\.metric[.a-z]*: .*; /s);
      }),
    );
  });

  it('never reads another number for a digit more in front, behind or in it', () => {
    const digits = { pattern: 'ms=([0-9]+|[0-9]+\\.[0-9]+)' };
    const joint = fc.constantFrom('', ',', '_', '.', "'", '\u00a0', 'e', 'e-', '-', '+', 'x');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), joint, fc.integer({ min: 0, max: 999 }), (one, between, other) => {
        const text = `${one}${between}${other}`;
        const found = readMetric(`ms=${text}`, digits);
        if (found.ok) expect(found.value).toBe(Number(text));
      }),
    );
  });

  it('names the field that it was told', () => {
    expect(readMetric('', pattern, { field: 'sideMetrics.heap.metric' })).toMatchObject(
      refusal(/^sideMetrics\.heap\.metric\.pattern: .*it is empty/),
    );
  });
});

describe('the unit behind a number', () => {
  const loose = { pattern: '^time: +([0-9.]+)' };

  it.each<[string, string, number]>([
    ['1.2 ms', 'ms', 1.2],
    ['12.00 us', 'ms', 0.012],
    ['12.00us', 'ms', 0.012],
    ['12 µs', 'us', 12],
    ['12 μs', 'ns', 12_000],
    ['12 µsec', 'ns', 12_000],
    ['12 micros', 'ns', 12_000],
    ['2d', 'h', 48],
    ['900 ns', 'us', 0.9],
    ['1.5 s', 'ms', 1500],
    ['2 min', 's', 120],
    ['3   sec, all in all', 'ms', 3000],
    ['12.3 milliseconds', 's', 0.0123],
    ['12.3 ms ± 0.4 ms', 'us', 12_300],
    ['12.3 ± 0.4 us', 'ns', 12_300],
    ['120 ns/op', 'ns/op', 120],
    ['1.2 us/op', 'ns/op', 1200],
    ['1.2 us per iteration', 'ns/op', 1200],
    ['120 ns', 'ns/op', 120],
    ['1.2 s/it', 'ms per item', 1200],
    ['2 kB', 'B', 2000],
    ['2 KiB', 'bytes', 2048],
    ['1.5 MiB', 'KiB', 1536],
    ['3 gigabytes', 'MB', 3000],
    ['64 B/op', 'B/op', 64],
    ['2 KB/op', 'B/op', 2000],
    ['512 bytes', 'B', 512],
    ['1.2 kops/s', 'ops/s', 1200],
    ['1.2k ops/s', 'ops/sec', 1200],
    ['1.2 M ops/s', 'ops/s', 1.2e6],
    ['3 Mit/s', 'it/s', 3e6],
    ['7 op/ms', 'ops/s', 7000],
    ['5 per second', 'ops/s', 5],
    ['2.4 GHz', 'MHz', 2400],
    ['12 req/s', 'rps', 12],
    ['3 GiB/s', 'MiB/s', 3072],
    ['1.5 Melem/s', 'elements per second', 1.5e6],
    ['8 Mbit/s', 'kbps', 8000],
    ['12.5 tokens/s', 'tokens/s', 12.5],
    ['12.5 | us | 3', 'ns', 12_500],
    ['12.5,us', 'ns', 12_500],
    ['85 %', '%', 85],
    ['12 widgets', 'widgets', 12],
  ])('reads %s as %s', (text, unit, value) => {
    for (const place of [loose, { pattern: '^time: (.*?)(?= ±|,| \\||$)' }]) {
      const found = readMetric(`time: ${text}`, place, { unit });
      expect(found.ok && found.value).toBeCloseTo(value, 9);
    }
  });

  it.each([
    ['as literal text', '^time: ([0-9.]+) ms$'],
    ['before it', '^time: ([0-9.]+)'],
    ['with it', '^time: (.*)$'],
    ['within it', '^time: ([0-9.]+ m)'],
  ])('is read where a pattern ends %s', (_, text) =>
    expect(readMetric('time: 1.5 ms', { pattern: text }, { unit: 's' })).toEqual(read(0.0015, 'ms')),
  );

  it('is read from a table, and from between numbers', () => {
    const second = { pattern: 'time: +\\[[0-9.]+ ms ([0-9.]+)' };
    expect(readMetric('time:   [1.02 ms 1.05 ms 1.08 ms]', second)).toEqual(read(1.05, 'ms'));
    const go = { pattern: '^BenchmarkFib\\S*\\s+[0-9]+\\s+([0-9.]+)' };
    const line = 'BenchmarkFib-8   \t 1000000\t      1234 ns/op\t  16 B/op\t 1 allocs/op';
    expect(readMetric(line, go, { unit: 'ns/op' })).toEqual(read(1234, 'ns/op'));
    expect(readMetric('| Fib | 12.34 us | 0.1 us |', { pattern: '^\\| Fib \\| ([0-9.]+)' })).toEqual(
      read(0.01234, 'us'),
    );
  });

  it.each([
    ['120 ns/op', 'ms', 'ns/op'],
    ['12 kB', 'ms', 'kB'],
    ['12.5%', 'ms', '%'],
    ['12 ops/s', 'ms', 'ops/s'],
    ['12 ms', 'steps', 'ms'],
    ['12 MB', 'steps', 'MB'],
    ['12 ms', '', 'ms'],
    ['12 Mb', 'MB', 'Mb'],
    ['12 ms', 'bytes', 'ms'],
  ])('refuses %s for %j and names the remedy', (text, unit, right) => {
    const problem = `the output says "${right}", and the unit is "${unit}"; set benchmark.unit to "${right}"`;
    expect(readMetric(`time: ${text}`, loose, { unit })).toEqual({
      ok: false,
      problem: `benchmark.metric.pattern: ${problem}`,
    });
  });

  it.each([
    '12 steps',
    '12 total',
    '12 points',
    '12 of 30',
    '12 ms=5',
    '12 min: 3',
    '12 s_total',
    '12 min 13 max',
    '12 | fast |',
  ])('is no other word: %s', (text) => expect(readMetric(`time: ${text}`, loose)).toEqual(read(12)));

  it('is compared in its base unit where none is asked for', () => {
    const [kilo, mega] = ['900 kB', '1.2 MB'].map((text) => readMetric(`time: ${text}`, loose, { unit: null }));
    expect([kilo, mega]).toEqual([read(900_000, 'kB'), read(1.2e6, 'MB')]);
    expect(readMetric('time: 12', loose, { unit: null })).toEqual(read(12));
    expect(readMetric('time: 0 ms', loose, { unit: null })).toMatchObject(refusal(/below/));
  });

  it.each<[string, string, string, number, string | null]>([
    ['Time (us): 12', 'Time .*: ([0-9.]+)', 'ms', 0.012, 'us'],
    ['Mean [s] = 1.5', 'Mean .*= ([0-9.]+)', 'ms', 1500, 's'],
    ['Name (time in us)   Min   Mean\ntest_fib   11 (1.0)   12 (1.0)', 'fib +([0-9.]+)', 'ms', 0.011, 'us'],
    ['| Command | Mean [s] | Min [s] |\n|:--|--:|\n| `fib` | 1.5 ± 0.1 | 1.4 |', 'fib` \\| ([0-9.]+)', 'ms', 1500, 's'],
    ['| Command | Mean [s] | Size [kB] |\n| fib | 15 | 3 |', 'fib \\| ([0-9.]+)', 'ms', 15, null],
    ['Name (time in us)\nfib allocates 12', 'allocates ([0-9.]+)', 'faults', 12, null],
    ['failing test(s): 12', ': ([0-9.]+)', 'failures', 12, null],
    ['[s] begin\n12', '^([0-9.]+)', 'ms', 12, null],
  ])('is read before the number or in a head: %j', (stdout, text, unit, value, printed) => {
    expect(readMetric(stdout, { pattern: text }, { unit })).toEqual(read(value, printed));
  });

  it('reads one value from every unit of a dimension', () => {
    const families = [
      { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12 },
      { B: 1, kB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2, GB: 1e9, GiB: 1024 ** 3 },
      { 'ops/s': 1, 'kops/s': 1e3, 'M ops/s': 1e6, 'op/ms': 1e3, kHz: 1e3, 'it/s': 1 },
      { 'ns/op': 1, 'us/iter': 1e3, 'ms per call': 1e6 },
    ];
    const any = fc.constantFrom(...families).chain((family) => {
      const unit = fc.constantFrom(...Object.entries(family));
      return fc.record({ printed: unit, asked: unit, blanks: fc.constantFrom('', ' ', '\t', '   ') });
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 1e6 }), ({ printed, asked, blanks }, number) => {
        const found = readMetric(`time: ${number}${blanks}${printed[0]}`, loose, { unit: asked[0] });
        const value = (number * printed[1]) / asked[1];
        expect(found.ok && Math.abs(found.value / value - 1)).toBeLessThan(1e-12);
      }),
    );
  });
});

describe('unitMismatch', () => {
  const printed = (value: number, printedUnit: string | null) => ({ value, printedUnit });

  it.each([
    [printed(1.2, 'ms'), printed(0.012, 'us')],
    [printed(12, null), printed(13, null)],
    [printed(12, 'kB'), printed(0, null)],
    [printed(2e6, 'MB'), printed(900_000, 'kB')],
    [printed(1_000_000, 'kB'), printed(999_000, 'kB')],
    [printed(1_048_576, 'MiB'), printed(1_047_552, 'KiB')],
  ])('has nothing against %j and %j', (one, other) => {
    expect([unitMismatch(one, other), unitMismatch(other, one)]).toEqual([null, null]);
  });

  it.each([
    [
      printed(1.2, 'ms'),
      printed(0.012, null),
      /printed "ms" behind the number and the candidate no unit; print the same/,
    ],
    [printed(12, null), printed(11, 'us'), /printed no unit behind the number and the candidate "us"; print the same/],
    [printed(12, 'ns/op'), printed(11, 'ns'), /candidate "ns"; print the same unit always/],
    [printed(1_023_000, 'KB'), printed(1_000_000, 'MB'), /too close for units of 1000 or 1024; print bytes/],
  ])('cannot compare %j and %j', (one, other, problem) => expect(unitMismatch(one, other)).toMatch(problem));
});

describe('the message on an output without the number', () => {
  const steps = { pattern: '^METRIC steps=([0-9.]+)$' };

  it('shows the nearest line, or the end of the output', () => {
    expect(readMetric('warm\nMETRIC steps=1,234\nbye\n', steps)).toMatchObject(
      refusal(
        /matches \S+ steps=\S+ \(the nearest is "METRIC steps=1,234"\); print the line once, or correct the pattern$/,
      ),
    );
    expect(readMetric('a\nb\nc\n\nd\n', steps)).toMatchObject(refusal(/\(it ends with "b", "c", "d"\); print/));
  });

  it('says that the line is on standard error', () => {
    const options = { tail: 'warm\nMETRIC steps=100\n' };
    expect(readMetric('warm\n', steps, options)).toMatchObject(
      refusal(/is on standard error; add 2>&1 to the command/),
    );
    expect(readMetric('', { pointer: '/ms' }, { tail: '{"ms": 1}' })).toMatchObject(refusal(/; add 2>&1/));
  });

  it('says that control characters are in the line', () => {
    const erased = '\u001b[2K\u001b[1GMETRIC steps=5\n';
    expect(readMetric(erased, steps, { tail: 'METRIC steps=5' })).toMatchObject(
      refusal(/no line .* since control characters are in "METRIC steps=5"; print the line without them/),
    );
  });

  it('offers the pattern without the unit where the unit has changed', () => {
    for (const end of [' ms$', '$', 'ms', '\\s*ms$', ' +ms\\b'])
      expect(readMetric('time: 12.00 us', { pattern: `^time: ([0-9.]+)${end}` })).toMatchObject(
        refusal(/but "time: 12\.00 us" matches \^time: \(\[0-9\.\]\+\); give that/),
      );
    expect(readMetric('time: 12 us', { pattern: '(?:time: ([0-9.]+) ms)' })).toMatchObject(refusal(/the nearest is/));
    const other = { pattern: '^time: ([0-9.]+) ms$' };
    expect(readMetric('time: 1,234 ms', other)).toMatchObject(refusal(/the nearest is "time: 1,234 ms"/));
  });

  it('stays one clean line, whatever is printed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const found = readMetric(`${text}\nMETRIC steps=x${text}`, steps, { tail: text });
        expect(!found.ok && /^[^\p{C}\p{Zl}\p{Zp}]{1,600}$/u.test(found.problem)).toBe(true);
      }),
    );
  });
});

describe('a JSON document', () => {
  it('is followed by a pointer to a number', () => {
    expect(readMetric('{"a/b": {"ms": [1, 2.5]}}', { pointer: '/a~1b/ms/1' })).toEqual(read(2.5));
    expect(readMetric('{"m~n": 3}\r\n', { pointer: '/m~0n' })).toEqual(read(3));
    // As JSON.parse has it, the last of equal keys.
    expect(readMetric('{"ms": 1, "ms": 2}', { pointer: '/ms' })).toEqual(read(2));
    expect(readMetric('{"n": -2}', { pointer: '/n' }, score)).toEqual(read(-2));
    expect(readMetric('{"n": 0}', { pointer: '/n' }, score)).toEqual(read(0));
  });

  it.each<[string, string, number, string | null]>([
    ['{"ms": "12.5"}', 'ms', 12.5, null],
    ['{"ms": "12.5 us"}', 'ms', 0.0125, 'us'],
    ['{"ms": "1,234.5"}', 'ms', 1234.5, null],
    ['{"ms": 12, "unit": "us"}', 'ms', 0.012, 'us'],
    ['{"ms": 12, "time_unit": "ns"}', 'us', 0.012, 'ns'],
    ['{"ms": 12, "time_unit": "ns"}', 'bytes', 12, null],
    ['{"ms": 12, "msUnit": "s/op", "unit": "B"}', 'ms/op', 12_000, 's/op'],
    ['{"ms": 12, "unit": "points"}', 'ms', 12, null],
    ['{"ms": 1.005, "unit": "s"}', 'ms', 1005, 's'],
  ])('may say its unit: %s', (stdout, unit, value, printed) => {
    expect(readMetric(stdout, { pointer: '/ms' }, { unit })).toEqual(read(value, printed));
  });

  it.each([
    ...['{"ms": null}', '{"ms": [1]}', '{"ms": 1e999}', '{"ms": 1e-999}', '{"ms": 1e-320}', '{"ms": NaN}'],
    ...['{"ms": 0x10}', '{"ms": 1,5}', '{"ms": "1,234"}', '{"ms": "1.2k"}', '{"ms": "12 or so"}', '{"ms": "a 12"}'],
    ...['{"ms": "12 13"}', '{"ms": true}', '{"ms": 5, "unit": "kB"}', '{}', 'not json', ''],
  ])('has no number: %s', (stdout) => {
    const found = readMetric(stdout, { pointer: '/ms' });
    expect(found).toMatchObject(refusal(/^benchmark\.metric\.pointer: [^;]*; (?:print|set benchmark\.unit)/));
  });

  it.each([
    ['{}', '/constructor/length'],
    ['{}', '/__proto__'],
    ['[1, 2]', '/length'],
    ['[1, 2]', '/01'],
    ['[1, 2]', '/-'],
  ])('has in %s nothing at %s', (stdout, pointer) => {
    expect(readMetric(stdout, { pointer })).toMatchObject(refusal(/has no number at .* \(nothing is there\)/));
  });

  it('is told what it has instead', () => {
    const nested = `{"ms": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expect(readMetric(nested, { pointer: '/ms' })).toMatchObject(refusal(/\(a value that is object is there\)/));
    const found = readMetric('{"mean": 1, "median": 2}', { pointer: '/ms' });
    expect(found).toMatchObject(refusal(/\(only "mean, median" is there\); print it there/));
  });

  it.each([
    'warming up\n{"results": [{"median": 10}]}',
    '{"results": [{"median": 10}]}\ndone\n',
    '[info] begin\n[1/5] build\n{\n  "results": [\n    {"median": 10}\n  ]\n}\r\nbye { all }\n',
    '\u001b[32m{"results": [{"median": 10}]}\u001b[0m',
    '50 %\r100 %\r{"results": [{"median": 10}]}\n',
    '  {"results": [{"median": 10, "text": "}{ \\"[\\n"}]}  \n',
  ])('is found among other lines: %j', (stdout) => {
    expect(readMetric(stdout, { pointer: '/results/0/median' })).toEqual(read(10));
  });

  it.each([
    ['two', '{"ms": 1}\n{"ms": 2}', /2 JSON documents/],
    ['the same one twice', '{"ms": 1}\n{"ms": 1}', /2 JSON documents/],
    ['a log of JSON lines', '{"level": 30}\n{"level": 30}\nx\n{"ms": 1}', /3 JSON documents/],
    ['one that an unfinished line hides', '{"ms": 1}\nx{"ms": 50}\n', /JSON beside the document/],
    ['one that was not ended', '{"ms": 1}\n{"ms": 50\n', /JSON beside the document/],
    ['one with an end of another', '{"ms": 1}\n{"ms": 50}x', /JSON beside the document/],
    ['one over lines, hidden', '{"ms": 1}\nx{\n  "ms": 50\n}\n', /JSON beside the document/],
    ['a list, hidden', '{"0": 1}\nx[50]\n', /JSON beside the document/, '/0'],
    ['one within a line', 'result: {"ms": 1}', /no JSON document|not JSON/],
  ])('is not taken where there are %s', (_, stdout, problem, pointer = '/ms') => {
    expect(readMetric(stdout, { pointer })).toMatchObject(refusal(problem));
  });

  it.each(['[\n', '{"', '{"a":\n', '["\\', '{"a": [1]}\n', '"{[', '{"a": "\n'])(
    'is looked for in a long output at once: %j',
    (text) => {
      const found = readMetric(text.repeat(100_000), { pointer: '/ms' });
      expect(found.ok).toBe(false);
    },
  );
});

describe('readText', () => {
  const check = { pattern: '^CHECK (.*)$' };

  it('reads the one match as it is', () => {
    expect(readText('METRIC ms=1\r\nCHECK 0x1f é\r\n', check)).toEqual({ ok: true, value: '0x1f é' });
    expect(readText('METRIC ms=1\n', check)).toMatchObject(refusal(/^benchmark\.output\.pattern: no line/));
    expect(readText('CHECK 1\nCHECK 1\n', check)).toMatchObject(refusal(/2 places/));
    expect(readText('CHECK \n', check)).toMatchObject(refusal(/^benchmark\.output: the match is empty/));
  });

  it('reads any JSON value, a string apart from a number', () => {
    const at = (json: string) => readText(`{"sum": ${json}}`, { pointer: '/sum' });
    expect([at('"1"'), at('1'), at('[1, {"a": true}]')]).toEqual(
      ['"1"', '1', '[1,{"a":true}]'].map((value) => ({ ok: true, value })),
    );
    expect(at('null')).toMatchObject(refusal(/has nothing at \/sum/));
    expect(readText('{}', { pointer: '/sum' })).toMatchObject(refusal(/has nothing at \/sum/));
  });

  it('takes no number that JSON would round, so that different checksums stay different', () => {
    const at = (json: string) => readText(`{"sum": ${json}}`, { pointer: '/sum' });
    for (const json of ['9007199254740993', '[1, 18446744073709551615]', '1e400'])
      expect(at(json)).toMatchObject(refusal(/that JSON rounds/));
    expect(at('"9007199254740993"').ok).toBe(true);
  });

  it('survives whatever is nested however deeply', () => {
    const depth = 20_000;
    expect(readText('['.repeat(depth) + ']'.repeat(depth), { pointer: '/0' }).ok).toBe(false);
  });
});
