import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternsFor } from '../../../domain/proposal/patterns.ts';

const names = (text: string, language: string) => patternsFor(text, language).map(({ name }) => name);
const target = (path: string) =>
  readFileSync(new URL(`../../../bench/questions/targets/${path}`, import.meta.url), 'utf8');

describe('the catalogue', () => {
  it.each([
    ['JavaScript', target('words/words.mjs'), ['repeated search in a list', 'regular expression built in a loop']],
    ['JavaScript', target('intervals/intervals.mjs'), ['work at the front of a list']],
    ['Python', target('medians/medians.py'), ['sorting in a loop', 'copying where a view does']],
    ['Go', target('pairs/pairs.go'), ['loop in a loop over the same values']],
    ['Python', 'def f(xs):\n    out = ""\n    for x in xs:\n        out += str(x)\n', ['concatenation in a loop']],
    ['Python', 'def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n', ['missing memo']],
    ['TypeScript', 'const table = new Array(n * m);\n', ['boxed numbers']],
    ['Rust', 'for row in rows {\n    sum += row.clone().len();\n}\n', ['copying where a view does']],
    ['JavaScript', 'for (const k of ks) {\n  n += Object.keys(all).length;\n}\n', ['the same call again and again']],
    ['JavaScript', 'return values.includes(wanted);\n', []],
    ['JavaScript', 'for (const a of b) sum += a;\nreturn list.indexOf(sum);\n', []],
    ['COBOL', 'for x in list.index(y)\n', []],
  ])('%#: finds in %s what it shows', (language, text, expected) => {
    expect(names(text, language)).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(names(text, language)).toEqual([]);
  });

  it('reads any text in any language', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('Python', 'Go', 'constructor', ''),
        (text, language) => {
          expect(patternsFor(text, language).every(({ advice }) => advice.length < 200)).toBe(true);
        },
      ),
    );
  });
});
