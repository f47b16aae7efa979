import { describe, expect, it } from 'vitest';
import type { Answer, Canonical } from '../../../domain/replay/contract.ts';
import { coverageOf, coverageText, ranIn, reasonsOf } from '../../../domain/replay/coverage.ts';
import { differenceText } from '../../../domain/replay/difference.ts';
import type { PlannedCall } from '../../../domain/replay/plan.ts';
import type { SourceFunction } from '../../../domain/source/function.ts';

const call = (args: Canonical[]): PlannedCall => ({
  id: 0,
  file: 'src/a.mjs',
  name: 'f',
  arguments: args,
  isVaried: true,
});
const returned = (value: Canonical): Answer => ({ id: 0, end: { kind: 'returned', value } });

describe('the text of a difference', () => {
  it('names function, input and both answers', () => {
    const entries: [string, Canonical][] = [['a', [1, { $: 'undefined' }]]];
    const text = differenceText({
      call: call([{ $: 'object', entries }, '']),
      base: returned({ $: 'float', text: 'NaN' }),
      candidate: { id: 0, end: { kind: 'threw', class: 'RangeError', code: null, isAccident: false } },
      broken: null,
    });
    expect(text.split('\n')).toEqual([
      'replay: src/a.mjs: f behaves otherwise than in the base',
      'input: ({"a":[1,"<undefined>"]}, "")',
      'base: returns "<NaN>"',
      'candidate: throws RangeError',
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['tells of a run that ended', null, /^candidate: gives no answer: replay: ended with exit code 3$/m],
    ['takes an answer of no known form', { end: 7 }, /^candidate: answers in an unknown form$/m],
    [
      'cleans what a candidate chose',
      { end: { kind: 'returned', value: '\u001b[31m\u202ered\nbase: returns 1' } },
      /^candidate: returns "\\u001b\[31m ?red\\nbase: returns 1"$/m,
    ],
    ['bounds it', { end: { kind: 'returned', value: 'x'.repeat(100_000) } }, /^candidate: returns "x{380,400}…$/m],
    [
      'bears any depth',
      { end: { kind: 'returned', value: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown } },
      /^candidate: returns \(too deep\)$/m,
    ],
  ])('%s', (_, candidate, expected) => {
    const difference = { call: call([1]), base: returned(1), broken: 'replay: ended with exit code 3' };
    const text = differenceText({ ...difference, candidate: candidate as Answer | null });
    expect(text).toMatch(expected);
    expect(text.split('\n')).toHaveLength(4);
  });
});

describe('the coverage', () => {
  const source = (name: string, start: number, end: number, part: Partial<SourceFunction> = {}) =>
    ({ name, start, end, isModuleLevel: true, ...part }) as SourceFunction;
  const edited = [
    source('f', 1, 5),
    source('f.inner', 2, 3, { isModuleLevel: false }),
    source('g', 7, 9, { isAsync: true }),
    source('h', 11, 12),
  ].map((one) => ({ file: 'a.mjs', name: one.name, source: one }));

  it('finds the functions that ran by their lines', () => {
    expect(ranIn(edited, { ran: [['a.mjs', 2]] }).map(({ name }) => name)).toEqual(['f', 'f.inner']);
    expect(ranIn(edited, { ran: [['b.mjs', 2]] })).toEqual([]);
  });

  it('says why the others were left out, in one bounded line', () => {
    const recorded = [{ file: 'a.mjs', name: 'h', leftOut: 'function' }];
    const kept = [call([1])];
    const coverage = coverageOf(edited, { covered: new Set(edited.slice(0, 1)), kept }, reasonsOf(recorded, []));
    expect(coverage).toMatchObject({ edited: 4, covered: 1, calls: 1 });
    expect(coverageText(coverage, false)).toBe(
      '1 of 4 edited functions ran, 1 calls, same answers; left out: a.mjs: f.inner (inside of another function, and no compared call reaches it), a.mjs: g (async), a.mjs: h (takes no plain data (function))',
    );
    expect(coverageText(coverage, true)).toContain('another answer');
  });
});
