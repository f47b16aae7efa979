import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMetric, readText } from '../../../domain/verdict/metric.ts';

const pattern = { pattern: '^METRIC ms=(.*)$' };
const refusal = (problem: RegExp) => ({ ok: false, problem: expect.stringMatching(problem) as string });

describe('readMetric', () => {
  it.each([
    'noise\nMETRIC ms=12.5\nmore\n',
    'METRIC ms=12.5',
    '\r\nMETRIC ms=12.5\r\nmore\r\n',
    'METRIC ms=1.25e1\n',
    'METRIC ms=0012.50\n',
  ])('reads the one line that matches in %j', (stdout) =>
    expect(readMetric(stdout, pattern)).toEqual({ ok: true, value: 12.5 }),
  );

  it.each([
    ['no metric', 'nothing', /^benchmark\.metric\.pattern: no line of the output matches/],
    ['two metrics', 'METRIC ms=1\nMETRIC ms=2', /^benchmark\.metric\.pattern: 2 places of the output match/],
    ['the same metric twice', 'METRIC ms=1\nMETRIC ms=1\n', /2 places/],
    ['a metric inside a longer line', 'xMETRIC ms=1', /no line/],
    ['a line that a terminal would overwrite', 'METRIC ms=9\rMETRIC ms=1\n', /no line|not a plain decimal/],
    [
      "a line of its own before one that hides the benchmark's",
      'METRIC ms=1\nxMETRIC ms=50\n',
      /begins with is in the output twice/,
    ],
    ['a line separator that is no line end', 'x\u2028METRIC ms=1', /no line/],
  ])('refuses %s', (_, stdout, problem) => expect(readMetric(stdout, pattern)).toMatchObject(refusal(problem)));

  it('counts an unanchored pattern over the whole output, within a line and over lines', () => {
    const loose = { pattern: 'ms=([0-9.]+)' };
    expect(readMetric('took ms=3.5 in all\n', loose)).toEqual({ ok: true, value: 3.5 });
    expect(readMetric('ms=3.5 ms=4\n', loose)).toMatchObject(refusal(/2 places/));
    expect(readMetric('ms=3.5\nms=4\nms=5', loose)).toMatchObject(refusal(/3 places/));
  });

  it.each(['ms=1,234', 'ms=1.5e-3', 'ms=1\u0663', 'ms=0x1F', 'ms=1_000', '1ms=7.5.5'])(
    'takes no number out of a longer one: %s',
    (stdout) => {
      expect(readMetric(stdout, { pattern: 'ms=([0-9]+(?:\\.[0-9]+)?)' })).toMatchObject(
        refusal(/out of a longer number; let it match all of it/),
      );
    },
  );

  it.each(['12.5, then more', 'took 12.5ms.', '(12.5)', 'ms=12.5 e'])(
    'takes a number that ends where it ends: %s',
    (stdout) => {
      expect(readMetric(stdout, { pattern: '([0-9]+\\.[0-9]+)' })).toEqual({ ok: true, value: 12.5 });
    },
  );

  it('never matches over the end of a line', () => {
    expect(readMetric('ms\n5\n', { pattern: 'ms\\s+([0-9]+)' })).toMatchObject(refusal(/no line/));
  });

  it.each([
    ...[
      '0',
      '0.0',
      '0e5',
      '-1',
      '+1',
      '-0',
      '0x10',
      '0b11',
      '0o7',
      '1e999',
      '1e-400',
      '1e100',
      'NaN',
      'nan',
      'Infinity',
      '-Infinity',
      'inf',
      '∞',
      '1,5',
      '1.000,5',
    ],
    ...[
      '١٢',
      '\uff11\uff12',
      '৪',
      '½',
      '1_000',
      '1 000',
      '',
      ' ',
      '.5',
      '5.',
      '1.2.3',
      '1e',
      'e5',
      '1e+',
      ' 5',
      '5 ',
      '5ms',
      '$5',
      '"5"',
      '5n',
      '1\u00a0',
      '1\u200b',
      '1\0',
    ],
    '9'.repeat(400),
    `0.${'0'.repeat(400)}1`,
  ])('refuses the number %j', (text) => expect(readMetric(`METRIC ms=${text}`, pattern).ok).toBe(false));

  it('reads every plain decimal above 0 as it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
        const text = value.toFixed(9);
        fc.pre(Number(text) > 0);
        expect(readMetric(`METRIC ms=${text}`, pattern)).toEqual({ ok: true, value: Number(text) });
      }),
    );
  });

  it('reads what is a plain decimal above 0 and refuses whatever else is printed, without throwing', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'0123456789.eE+-, xXn_'.split(/(?:)/)) }),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const read = readMetric(`METRIC ms=${text}`, pattern);
        const plain =
          /^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$/.test(text.replace(/\r?\n[^]*$/, '')) &&
          !/\n(.*\n)*METRIC ms=/.test(text);
        if (read.ok) expect([plain, Number.isFinite(read.value), read.value > 0]).toEqual([true, true, true]);
        else expect(read.problem).toMatch(/^benchmark\.metric[.a-z]*: .*; print/s);
      }),
    );
  });

  it('follows a JSON pointer to a number and nothing else', () => {
    expect(readMetric('{"a/b": {"ms": [1, 2.5]}}', { pointer: '/a~1b/ms/1' })).toEqual({ ok: true, value: 2.5 });
    expect(readMetric('{"m~n": 3}\r\n', { pointer: '/m~0n' })).toEqual({ ok: true, value: 3 });
    // As JSON.parse has it, the last of equal keys.
    expect(readMetric('{"ms": 1, "ms": 2}', { pointer: '/ms' })).toEqual({ ok: true, value: 2 });
    const refused: [string, string][] = [
      ['{"ms": "2.5"}', '/ms'],
      ['{"ms": null}', '/ms'],
      ['{"ms": [1]}', '/ms'],
      ['{"ms": 1e999}', '/ms'],
      ['{"ms": 1e-999}', '/ms'],
      ['{"ms": -1}', '/ms'],
      ['{"ms": 0}', '/ms'],
      ['{"ms": NaN}', '/ms'],
      ['{"ms": 0x10}', '/ms'],
      ['{"ms": 1,5}', '/ms'],
      ['{}', '/constructor/length'],
      ['{}', '/__proto__'],
      ['[1, 2]', '/length'],
      ['[1, 2]', '/01'],
      ['[1, 2]', '/-'],
    ];
    expect(refused.filter(([stdout, pointer]) => readMetric(stdout, { pointer }).ok)).toEqual([]);
    for (const stdout of ['not json', '{"ms": 1}\n{"ms": 1}', '{"ms": 1} done', ''])
      expect(readMetric(stdout, { pointer: '/ms' })).toMatchObject(
        refusal(/^benchmark\.metric\.pointer: the output is not JSON; /),
      );
  });

  it('names the field that it was told', () => {
    expect(readMetric('', pattern, 'sideMetrics.heap.metric')).toMatchObject(
      refusal(/^sideMetrics\.heap\.metric\.pattern: /),
    );
  });
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
