import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editBetween } from '../../../domain/proposal/edits-between.ts';

it.each([
  ['one line', 'a\nb\nc\nd\n', 'a\nb\nx\nd\n', { search: 'b\nc\nd\n', replace: 'b\nx\nd\n' }],
  ['a line that is there twice', 'a\na\na\n', 'a\na\nb\na\n', { search: 'a\na\na\n', replace: 'a\na\nb\na\n' }],
  ['a new file', null, 'x', { content: 'x' }],
  ['an empty file', '', 'x', { content: 'x' }],
  ['all of it', 'a', '', { search: 'a', replace: '' }],
])('changes %s', (_what, before, after, expected) => {
  expect(editBetween('f', before, after)).toEqual({ file: 'f', ...expected });
});

it('gives, for any two texts, an edit whose search is there once and that makes the one of the other', () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', 'a', '\n', 'ab\n'), { maxLength: 12 }).map((all) => all.join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const edit = editBetween('f', before, after);
      if (edit === null || 'content' in edit) {
        expect(edit === null ? after : '').toBe(before);
        return;
      }
      expect(before).toContain(edit.search);
      expect(before.indexOf(edit.search)).toBe(before.lastIndexOf(edit.search));
      expect(before.replace(edit.search, () => edit.replace)).toBe(after);
    }),
  );
});
