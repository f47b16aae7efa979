import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../adapters/parsers/parse.ts';
import { nameSpots } from '../../../domain/profiles/name-spots.ts';
import type { ParsedSource } from '../../../domain/source/function.ts';

const sources: Record<string, string> = {
  'a.ts':
    'class Parser {\n  next(): number {\n    return [1].map((one) => one + 1)[0]!;\n  }\n}\nclass Lexer {\n  next() {\n    return 2;\n  }\n}\nexport const run = () => new Parser().next();\n',
  'b.py':
    'class Lexer:\n    @staticmethod\n    def tokens(text):\n        return [one for one in text]\n\nprint(Lexer.tokens("x"))\n',
  'c.go':
    'package c\n\ntype T struct{}\n\nfunc (t *T) Add(a int) int {\n\tf := func() int { return a }\n\treturn f()\n}\n',
  'd.rs':
    'struct C;\nimpl Iterator for C {\n    type Item = u8;\n    fn next(&mut self) -> Option<u8> {\n        (0..3).map(|x| x).max()\n    }\n}\n',
};
const parsed = new Map<string, ParsedSource>();
for (const [file, text] of Object.entries(sources)) parsed.set(file, (await parseSource(file, text))!);

const spot = (
  file: string,
  name: string,
  line: number | null,
  times: [self: number, total: number, charged: number, calls?: number],
) => {
  const [self, total, charged, calls = 0] = times;
  return { file, name, line, self, total, charged, calls };
};

describe('spots of a profile', () => {
  it.each<[string, string, string, number | null, string | null, number | null]>([
    ['a method of V8, by its line', 'a.ts', 'next', 7, 'Lexer.next', 7],
    ['a function of compiled code, by its name', 'a.ts', 'run', 1, 'run', 11],
    ['a method of compiled code, by its class', 'a.ts', 'Parser.next', 1, 'Parser.next', 2],
    ['an unnamed function, by what holds it', 'a.ts', '', 3, 'Parser.next', 2],
    ['a decorated one of Python', 'b.py', 'Lexer.tokens', 2, 'Lexer.tokens', 2],
    ['a list that Python builds', 'b.py', 'Lexer.tokens.<locals>.<listcomp>', 4, 'Lexer.tokens', 2],
    ['a module of Python', 'b.py', '<module>', 1, null, 1],
    ['a method of Go', 'c.go', 'example.org/c.(*T).Add', 5, 'T.Add', 5],
    ['a closure of Go', 'c.go', 'example.org/c.(*T).Add.func1', 6, 'T.Add', 5],
    [
      'a method of Rust without a line',
      'd.rs',
      '<c::C as core::iter::traits::iterator::Iterator>::next',
      null,
      'C.next',
      4,
    ],
    ['a closure of Rust', 'd.rs', '<c::C as core::iter::Iterator>::next::{{closure}}', 5, 'C.next', 4],
    ['a function of a language without a parser', 'e.c', 'sift', 9, 'sift', 9],
    ['hostile names', 'e.c', 'a\u202eb\u0007\n', 9, 'a b', 9],
  ])('name %s', (_, file, name, line, expected, at) => {
    const [hotspot] = nameSpots({ spots: [spot(file, name, line, [1, 1, 1])], busy: 2 }, parsed);
    expect(hotspot).toMatchObject({ file, line: at, share: 0.5 });
    expect(hotspot!.name?.replace(/ +/g, ' ') ?? null).toBe(expected);
  });

  it('that are of one function are added up, and come in the order of what they cost', () => {
    const spots = [
      spot('b.py', 'Lexer.tokens.<locals>.<listcomp>', 4, [40, 40, 50]),
      spot('a.ts', 'run', 11, [1, 90, 5, 3]),
      spot('b.py', 'Lexer.tokens', 2, [10, 60, 10, 7]),
      spot('e.c', 'sift', 9, [1, 1, 31]),
      spot('e.c', 'sift', 5, [1, 1, 1]),
      spot('e.c', 'seldom', 5, [0, 100, 0.1]),
    ];
    expect(nameSpots({ spots, busy: 100 }, parsed)).toEqual([
      { file: 'b.py', name: 'Lexer.tokens', line: 2, share: 0.5, total: 0.6, calls: 7 },
      { file: 'e.c', name: 'sift', line: 5, share: 0.02, total: 0.02 },
      { file: 'a.ts', name: 'run', line: 11, share: 0.01, total: 0.9, calls: 3 },
    ]);
  });
});
