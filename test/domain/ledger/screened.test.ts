import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betterHalf,
  cleanScreened,
  furthest,
  mostPromising,
  screenedText,
  screeningPlaces,
  toScreened,
  type ScreenResult,
} from '../../../domain/ledger/screened.ts';
import { toLine } from '../../../domain/text.ts';

const results = fc.array(
  fc
    .record({
      title: fc.string({ minLength: 1 }),
      where: fc.constantFrom(...screeningPlaces),
      ratio: fc.double({ min: 0.1, max: 3, noNaN: true }),
      content: fc.string(),
    })
    .map(({ title, where, ratio, content }): ScreenResult => {
      const hypothesis = { title: toLine(title), edits: [{ file: 'a', content }] };
      const isMeasured = where === 'pairs';
      return {
        hypothesis,
        where,
        detail: '',
        seconds: 1,
        tree: 'tree',
        ratio: isMeasured ? ratio : null,
        program: null,
      };
    }),
  { minLength: 1, maxLength: 8 },
);

describe('the choice after a screening', () => {
  it('is one that passed with the best ratio, of equals the smaller edit, whatever the order', () => {
    fc.assert(
      fc.property(results, (all) => {
        const chosen = mostPromising(all);
        const passed = all.filter(({ where }) => where === 'pairs');
        expect(chosen === null).toBe(passed.length === 0);
        if (!chosen) return;
        const sizeOf = ({ hypothesis }: ScreenResult) => JSON.stringify(hypothesis.edits).length;
        for (const one of passed) {
          expect(chosen.ratio).toBeLessThanOrEqual(one.ratio!);
          if (one.ratio === chosen.ratio) expect(sizeOf(chosen)).toBeLessThanOrEqual(sizeOf(one));
        }
        expect(mostPromising([...all].reverse())?.ratio).toBe(chosen.ratio);
      }),
    );
  });

  it('is the one that came furthest where all have fallen', () => {
    fc.assert(
      fc.property(results, (all) => {
        const places = all.map(({ where }) => screeningPlaces.indexOf(where));
        expect(screeningPlaces.indexOf(furthest(all).where)).toBe(Math.max(...places));
      }),
    );
  });

  it('is among the better half of those that pass, of which none is worse than one that is left out', () => {
    fc.assert(
      fc.property(results, (all) => {
        const passed = all.flatMap(({ where }, at) => (where === 'pairs' ? [at] : []));
        const left = betterHalf(
          all,
          all.map((_, at) => at),
        );
        expect(left).toHaveLength(Math.ceil(passed.length / 2));
        const out = passed.filter((at) => !left.includes(at));
        for (const at of left) for (const other of out) expect(all[at]!.ratio).toBeLessThanOrEqual(all[other]!.ratio!);
      }),
    );
  });

  it('keeps of the others what fell where and what it cost, in clean lines', () => {
    const hypothesis = { title: toLine('Hoist'), edits: [{ file: 'a', content: '' }] };
    const result = { hypothesis, where: 'tests', detail: 'red\n\u001b[2J', seconds: 2.5, tree: 't' } as const;
    expect(toScreened({ ...result, ratio: null, program: 'abc' })).toEqual({
      title: 'Hoist',
      where: 'tests',
      detail: 'red',
      seconds: 2.5,
      program: 'abc',
    });
    const forged = { title: 'a\u0007b', where: 'pairs', detail: 'x'.repeat(900), seconds: 1 } as never;
    const [clean, ...rest] = cleanScreened(Array.from({ length: 99 }, () => forged));
    expect([clean!.title, clean!.detail.length, rest.length]).toEqual(['a b', 400, 23]);
  });
});

it('What fell where, and what it cost, is told in the order of the checks.', () => {
  const fallen = [
    { where: 'pairs', seconds: 80 },
    { where: 'answer', seconds: 0 },
    { where: 'tests', seconds: 1.25 },
    { where: 'tests', seconds: 3 },
    { where: 'pairs', seconds: 40 },
  ] as const;
  expect(screenedText(fallen)).toBe('1 at answer, 2 at tests (4.3 s), 2 at pairs (2.0 min)');
  expect(screenedText([])).toBe('');
});
