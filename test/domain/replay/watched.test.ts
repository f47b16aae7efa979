import { describe, expect, it } from 'vitest';
import type { Canonical, Watched } from '../../../domain/replay/contract.ts';
import { watchedDifference } from '../../../domain/replay/watched.ts';

const call = (given: Canonical, value: Canonical, after = given): Watched => ({
  ...{ name: 'f', arguments: [given], end: { kind: 'returned', value }, after: [after] },
});
const base = [call(1, [1]), call(2, [2]), call(3, { $: 'float', text: '0.3' })];

describe('calls of the benchmark that are watched', () => {
  it.each<[string, Watched[]]>([
    ['the same', base],
    ['fewer calls, and others', [call(2, [2]), call(9, [0])]],
    ['another order', base.toReversed()],
    ['a number that another order of additions gives', [call(3, { $: 'float', text: '0.30000000000000004' })]],
    ['another function', [{ ...call(1, [7]), name: 'g' }]],
  ])('let pass %s', (_, candidate) => expect(watchedDifference([base, base], candidate)).toBeNull());

  it.each<[string, Watched, Canonical]>([
    ['another answer', call(1, []), 1],
    ['another one in place of an argument', call(2, [2], 7), 2],
    ['an error', { ...call(2, null), end: { kind: 'threw', class: 'Error', code: null, isAccident: false } }, 2],
    ['a line of another form', { name: 'f', arguments: [1] } as unknown as Watched, 1],
  ])('show %s', (_, line, given) =>
    expect(watchedDifference([base, base], [...base, line])).toMatchObject({ call: { name: 'f', arguments: [given] } }),
  );

  it.each<[string, Watched[], Watched[]]>([
    ['what the base answers otherwise in a second run', base, [call(1, [5]), ...base.slice(1)]],
    ['all of a function of which one call is so', [call(1, [5]), ...base.slice(1)], base],
    ['what it answers otherwise a second time', [...base, call(1, [5])], base],
    ['what it calls in one run alone', base, base.slice(1)],
    ['objects of classes', [call(1, { $: 'instance', class: 'A', entries: [] })], []],
    ['what is no data', [call({ $: 'opaque', what: 'function' }, 1)], []],
  ])('leave out %s', (_, first, second) => {
    const candidate = first.map((line) => ({ ...line, end: call(0, 'other').end })).slice(0, 1);
    expect(watchedDifference([first, second.length > 0 ? second : first], candidate)).toBeNull();
  });
});
