import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findChoices, titleOf, toHypothesis, untried } from '../../../domain/proposal/choices.ts';
import { applyEdit } from '../../../domain/proposal/edit.ts';

const content = [
  '// Bytes in a block.',
  'const BLOCK_SIZE = 8;',
  'export const RATIO = 0.25; // share',
  'let count = 4;',
  'const TWICE = 1;',
  'const LIMIT = limit(3);',
  'MAX = 1_000',
].join('\n');
const choices = findChoices([{ path: 'src/a.mjs', content }]);

describe('findChoices', () => {
  it('finds named constants that are plain numbers', () => {
    expect(choices.map(({ constant, present }) => [constant, present])).toEqual([
      ['BLOCK_SIZE', 8],
      ['RATIO', 0.25],
      ['TWICE', 1],
      ['MAX', 1000],
    ]);
  });

  it.each([
    ['const SIZE = 8;\r\nlet x;\r\n', 'const SIZE = 16;\r\nlet x;\r\n'],
    ['\ufeffconst SIZE = 8;\r\nlet x;\r\n', '\ufeffconst SIZE = 16;\r\nlet x;\r\n'],
    ['static const int SIZE = 8;\n', 'static const int SIZE = 16;\n'],
    ['constexpr std::size_t SIZE = 8; // bytes\n', 'constexpr std::size_t SIZE = 16; // bytes\n'],
    ['static const uint32_t SIZE = 8u;\n', 'static const uint32_t SIZE = 16u;\n'],
    ['pub(crate) const SIZE: usize = 8;\n', 'pub(crate) const SIZE: usize = 16;\n'],
    ['class A {\n  private static readonly SIZE = 8;\n}\n', 'class A {\n  private static readonly SIZE = 16;\n}\n'],
    ['export const SIZE = 8 as const;\n', 'export const SIZE = 16 as const;\n'],
    ['SIZE: Final = 8\n', 'SIZE: Final = 16\n'],
  ])('keeps all but the number: %j', (before, after) => {
    const [choice] = findChoices([{ path: 'src/a', content: before }]);
    expect(applyEdit(before, toHypothesis(choice!, 16).edits[0]!)).toEqual({ content: after });
  });

  it('bounds the values to three orders of magnitude, whole numbers for whole numbers', () => {
    for (const { present, values } of choices) {
      expect(values.length).toBeGreaterThan(10);
      expect(values).not.toContain(present);
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(present / 1000);
        expect(value).toBeLessThanOrEqual(present * 1000);
        if (Number.isInteger(present)) expect(Number.isInteger(value)).toBe(true);
      }
    }
  });

  it('makes of every choice one edit that fits and sets the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...choices), fc.nat(), (choice, pick) => {
        const value = choice.values[pick % choice.values.length]!;
        const [edit] = toHypothesis(choice, value).edits;
        const edited = applyEdit(content, edit!);
        const again = 'content' in edited ? findChoices([{ path: 'src/a.mjs', content: edited.content }]) : [];
        expect(again.find(({ constant }) => constant === choice.constant)?.present).toBe(value);
      }),
    );
  });
});

describe('untried', () => {
  it('leaves out what was tried, by the title', () => {
    const [block] = choices;
    const left = untried(choices, new Set(block!.values.map((value) => titleOf(block!, value))));
    expect(left.map(({ constant }) => constant)).not.toContain('BLOCK_SIZE');
    expect(left).toHaveLength(choices.length - 1);
  });
});
