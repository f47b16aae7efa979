import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBeGiven, entryOf, open } from '../../../domain/replay/canonical.ts';
import { maxRecorded, type Canonical } from '../../../domain/replay/contract.ts';
import { planCalls, uselessness } from '../../../domain/replay/plan.ts';
import { simplerArguments, sizeOf } from '../../../domain/replay/shrink.ts';
import { vary } from '../../../domain/replay/vary.ts';

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true }).filter(Number.isFinite),
  fc.string(),
);
const values: fc.Arbitrary<Canonical> = fc.letrec<{ value: Canonical }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 })
      .map((entries): Canonical => ({ $: 'object', entries })),
    fc.array(tie('value'), { maxLength: 3 }).map((parts): Canonical => ({ $: 'tuple', class: 'tuple', values: parts })),
    fc.constant<Canonical>({ $: 'undefined' }),
  ),
})).value;

/** The kinds of a value and of its parts, without their number. */
const kindOf = (value: Canonical): string =>
  Array.isArray(value) ? 'list' : value !== null && typeof value === 'object' ? value.$ : typeof value;

describe('the variation of inputs', () => {
  it('is the same for the same seed, and another for another', () => {
    const recorded = [
      [[3, 1, 2], 'abc'],
      [[5], 'x'],
    ];
    const [one, again, other] = [1, 1, 2].map((seed) => vary(recorded, { seed, count: 20, isEdited: true }));
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
  });

  it('keeps number and kind of the arguments, and gives plain data', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), fc.integer(), (args, seed) => {
        for (const made of vary([args], { seed, count: 5, isEdited: true })) {
          expect(made.map(kindOf)).toEqual(args.map(kindOf));
          expect(JSON.stringify(made)).not.toContain('"entry"');
          expect(canBeGiven(made)).toBe(true);
          expect(JSON.parse(JSON.stringify(made))).toEqual(made);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, Canonical, (made: Canonical) => boolean]>([
    ['nothing of a list', [3, 1, 2], (made) => (made as Canonical[]).length === 0],
    ['ties of a list', [3, 1, 2], (made) => new Set(made as number[]).size < (made as number[]).length],
    ['an ordered list', [3, 1, 2], (made) => JSON.stringify(made) === '[1,2,3]'],
    ['a negative number', 7, (made) => (made as number) < 0],
    ['the number before', 7, (made) => made === 6],
    ['the number behind', 7, (made) => made === 8],
    ['an empty string', 'abc', (made) => made === ''],
    ['characters beyond ASCII', 'abc', (made) => /[^\0-\x7f]/.test(made as string)],
    ['two UTF-16 units', 'abc', (made) => /[\u{10000}-\u{10ffff}]/u.test(made as string)],
  ])('finds %s', (_, value, isIt) => {
    expect(vary([[value]], { seed: 1, count: 2 * maxRecorded, isEdited: true }).some(([made]) => isIt(made!))).toBe(
      true,
    );
  });

  it.each<[string, Canonical[], (made: Canonical[]) => boolean]>([
    ['a number of the source', [1], ([made]) => made === 57],
    ['the number behind it', [1], ([made]) => made === 58],
    ['a list that is as long', [[1, 2]], ([made]) => (made as Canonical[]).length === 57],
    ['a text that is longer by one', ['ab'], ([made]) => (made as string).length === 58],
    ['a text of the source twice', ['ab'], ([made]) => made === '==ab'],
    ['equal arguments', [8, 9], ([one, other]) => one === other],
  ])('makes %s', (_, call, isIt) => {
    const constants = { numbers: [57], texts: ['='] };
    expect(vary([call], { seed: 1, count: 288, isEdited: true, constants }).some(isIt)).toBe(true);
  });

  it('makes records that tie in one field and differ in another, by which lost stability shows', () => {
    const record = (a: number, b: string): Canonical => ({
      $: 'object',
      entries: [
        ['a', a],
        ['b', b],
      ],
    });
    const made = vary([[[record(1, 'x'), record(2, 'y'), record(3, 'z')]]], { seed: 1, count: 48, isEdited: true });
    const ties = made.filter(([list]) => {
      const records = (list as Canonical[]).map((one) => open(one)!.parts.map((part) => entryOf(part)![1]));
      return records.some(([a, b], at) => records.slice(at + 1).some(([c, d]) => a === c && b !== d));
    });
    expect(ties.length).toBeGreaterThan(0);
  });
});

describe('the sign of made-up numbers', () => {
  const negatives = (recorded: Canonical[][], isEdited: boolean) =>
    /-\d/.test(JSON.stringify(vary(recorded, { seed: 1, count: 48, isEdited })));
  const many = [[0], [1], [2], [3], [5], [8]];

  it('is not tried where many numbers were seen, and none was negative', () => {
    expect(negatives(many.slice(1), true)).toBe(true);
    expect(negatives(many, true)).toBe(false);
    expect(negatives([[[{ $: 'object', entries: [['a', many.flat()]] }]]], true)).toBe(false);
    expect(negatives([...many, [-1]], true)).toBe(true);
  });

  it('is that of what was seen in a function that is called for others', () => {
    expect(negatives([[1]], false)).toBe(false);
    expect(negatives([[1], [-1]], false)).toBe(true);
  });
});

const planned = (...given: Parameters<typeof planCalls>) => [...planCalls(...given)].flat();

describe('the plan of calls', () => {
  it('takes recorded calls and varied ones, each once, and leaves out what cannot be given', () => {
    const opaque: Canonical = { $: 'instance', class: 'A', entries: [] };
    const calls = planned(
      {
        tests: [{ file: 'a.mjs', name: 'f', arguments: [[1, 2]] }],
        benchmark: [
          { file: 'a.mjs', name: 'f', arguments: [[1, 2]] },
          { file: 'a.mjs', name: 'g', arguments: [opaque] },
          { file: 'a.mjs', name: 'h', leftOut: 'function' },
        ],
      },
      { edited: [{ file: 'a.mjs', name: 'f' }] },
      7,
    );
    expect(new Set(calls.map(({ name }) => name))).toEqual(new Set(['f']));
    expect(calls[0]).toEqual({ id: 0, file: 'a.mjs', name: 'f', arguments: [[1, 2]], isVaried: false });
    expect(calls.slice(1).every(({ isVaried }) => isVaried)).toBe(true);
    expect(calls.length).toBeGreaterThan(10);
    expect(new Set(calls.map((call) => JSON.stringify(call.arguments))).size).toBe(calls.length);
  });

  it('bounds the calls of many functions', () => {
    const recorded = Array.from({ length: 400 }, (_, at) => ({ file: 'a.mjs', name: `f${at}`, arguments: [at] }));
    const calls = planned({ tests: recorded, benchmark: [] }, { edited: [] }, 1);
    expect(calls.length).toBeLessThan(3_000);
    expect(new Set(calls.map(({ name }) => name)).size).toBe(400);
  });

  it('lets an accident of the language say nothing of a varied input, and all of a recorded one', () => {
    const [call] = planned({ tests: [{ file: 'a.mjs', name: 'f', arguments: [1] }], benchmark: [] }, { edited: [] }, 1);
    const answer = { id: 0, end: { kind: 'threw', class: 'TypeError', code: null, isAccident: true } } as const;
    expect(uselessness(call!, answer)).toBeNull();
    expect(uselessness({ ...call!, isVaried: true }, answer)).toBe('takes no such input');
    expect(
      uselessness({ ...call!, isVaried: true }, { ...answer, end: { ...answer.end, isAccident: false } }),
    ).toBeNull();
  });
});

describe('the search for a smaller input', () => {
  it('gives simpler ones alone, each another, and no more than a round can try', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), (args) => {
        const made = simplerArguments(args);
        expect(made.every((one) => one.length === args.length && sizeOf(one) < sizeOf(args))).toBe(true);
        expect(new Set(made.map((one) => JSON.stringify(one))).size).toBe(made.length);
        expect(made.length).toBeLessThanOrEqual(61);
      }),
    );
  });

  it('comes to the smallest list that is long enough, step by step', () => {
    let found: Canonical[] = [[17, 4, 23, 8, 15, 42, 99]];
    for (let round = 0; round < 12; round++)
      found = simplerArguments(found).find(([list]) => (list as Canonical[]).length >= 3) ?? found;
    expect(found).toEqual([[0, 0, 0]]);
  });
});

it('never takes a key and its value for a value, where lists and objects stand at one place', () => {
  const object: Canonical = { $: 'object', entries: [['a', [1, 2]]] };
  const made = vary([[[1, 'x']], [object], [[object]]], { seed: 1, count: 200, isEdited: true });
  expect(made.length).toBe(200);
  expect(JSON.stringify(made)).not.toContain('"entry"');
});
