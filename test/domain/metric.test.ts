import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMetric } from '../../domain/metric.ts';

const pattern = { pattern: '^METRIC ms=(\\S+)$' };

describe('readMetric', () => {
  it('reads the one line that matches', () => {
    expect(readMetric('noise\nMETRIC ms=12.5\nmore\n', pattern)).toEqual({ ok: true, value: 12.5 });
  });

  it.each([
    ['no metric', 'nothing', /no line of the output matches/],
    ['two metrics', 'METRIC ms=1\nMETRIC ms=2', /2 places of the output match/],
    ['a metric inside a longer line', 'xMETRIC ms=1', /no line/],
  ])('refuses %s', (_, stdout, problem) => {
    expect(readMetric(stdout, pattern)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) as string });
  });

  it.each(['0', '0.0', '-1', '+1', '0x10', '1e999', '1e-400', 'NaN', 'Infinity', '1,5', '١٢', '1_000', '', '.5', '5.'])('refuses the number %j', (text) => {
    expect(readMetric(`METRIC ms=${text}`, pattern).ok).toBe(false);
  });

  it('reads every plain decimal above 0 as it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
        const text = value.toFixed(9);
        fc.pre(Number(text) > 0);
        expect(readMetric(`METRIC ms=${text}`, pattern)).toEqual({ ok: true, value: Number(text) });
      }),
    );
  });

  it('follows a JSON pointer to a number and nothing else', () => {
    expect(readMetric('{"a/b": {"ms": [1, 2.5]}}', { pointer: '/a~1b/ms/1' })).toEqual({ ok: true, value: 2.5 });
    expect(readMetric('{"ms": "2.5"}', { pointer: '/ms' }).ok).toBe(false);
    expect(readMetric('{}', { pointer: '/constructor/length' }).ok).toBe(false);
    expect(readMetric('not json', { pointer: '/ms' })).toMatchObject({ problem: expect.stringContaining('is not JSON') as string });
  });
});
