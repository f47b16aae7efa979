import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameAnswer } from '../../../domain/replay/compare.ts';
import type { Answer, Canonical } from '../../../domain/replay/contract.ts';

const returned = (value: Canonical, after?: Canonical[]): Answer => ({
  id: 0,
  end: { kind: 'returned', value },
  ...(after && { after }),
});
const isSame = (one: Canonical, other: unknown) => isSameAnswer(returned(one), returned(other as Canonical));
const threw = (name: string, code: string | null = null): Answer => {
  const end: Answer['end'] = { kind: 'threw', class: name, code, isAccident: false };
  return { id: 0, end };
};

describe('the comparison of answers', () => {
  it.each<[string, Canonical, Canonical]>([
    ['sums in another order', 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1],
    ['large sums in another order', 1e15 + 0.1, 1e15 + 0.3],
    ['near 0', 1e-17, 0],
    ['both zeros', 0, { $: 'float', text: '-0' }],
    ['no number', { $: 'float', text: 'NaN' }, { $: 'float', text: 'NaN' }],
    ['a float and an integer of the same value', { $: 'float', text: '2.0' }, 2],
    [
      'deep values',
      [{ $: 'object', entries: [['a', [1, 'x', null]]] }],
      [{ $: 'object', entries: [['a', [1, 'x', null]]] }],
    ],
  ])('takes %s as the same', (_, one, other) => expect([isSame(one, other), isSame(other, one)]).toEqual([true, true]));

  it.each<[string, Canonical, unknown]>([
    ['integers that differ by one', 10_000_000_001, 10_000_000_000],
    ['numbers beyond the tolerance', 1, 1.000_001],
    ['infinities', { $: 'float', text: 'Infinity' }, { $: 'float', text: '-Infinity' }],
    ['no number and a number', { $: 'float', text: 'NaN' }, 0],
    ['a number and its text', 1, '1'],
    ['null and undefined', null, { $: 'undefined' }],
    ['orders of a list', [1, 2], [2, 1]],
    ['lengths of a list', [1, 2], [1, 2, 3]],
    ['kinds of collections', { $: 'set', class: 'Set', values: [1] }, [1]],
    ['classes', { $: 'tuple', class: 'tuple', values: [] }, { $: 'tuple', class: 'Point', values: [] }],
    ['a missing part', { $: 'object', entries: [['a', 1]] }, { $: 'object' }],
    ['another shape', [1], { 0: 1, length: 1 }],
    ['nothing', 1, undefined],
  ])('tells %s apart', (_, one, other) => expect(isSame(one, other)).toBe(false));

  it('compares errors by class and code, and returns with throws never', () => {
    expect(isSameAnswer(threw('TypeError'), threw('TypeError'))).toBe(true);
    expect(isSameAnswer(threw('TypeError'), threw('RangeError'))).toBe(false);
    expect(isSameAnswer(threw('Error', 'ENOENT'), threw('Error', 'EACCES'))).toBe(false);
    expect(isSameAnswer(threw('TypeError'), returned('TypeError'))).toBe(false);
    expect(isSameAnswer(threw('TypeError'), { id: 0, end: { kind: 'late' } })).toBe(false);
  });

  it('takes changed arguments as a part of the answer', () => {
    expect(isSameAnswer(returned(1, [[1, 2]]), returned(1, [[1, 2]]))).toBe(true);
    expect(isSameAnswer(returned(1, [[1, 2]]), returned(1))).toBe(false);
    expect(isSameAnswer(returned(1), returned(1, [[2, 1]]))).toBe(false);
  });

  it('says no to whatever a candidate may print, and never throws', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const other: unknown = JSON.parse(text);
        expect(isSameAnswer(returned({ $: 'bigint', text: '17' }), other)).toBe(false);
      }),
    );
    const deep: unknown = JSON.parse(`{"end":{"kind":"returned","value":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`);
    expect(isSameAnswer(returned([[1]]), deep)).toBe(false);
  });
});
