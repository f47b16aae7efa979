import { describe, expect, it } from 'vitest';
import { blockAt, functionAt, shortName } from '../../../domain/source/find.ts';
import type { ParsedSource, SourceFunction } from '../../../domain/source/function.ts';

const one = (name: string, start: number, end: number): SourceFunction => ({
  ...{ name, start, end, range: { start: start * 10, end: end * 10 + 9 }, body: null, expression: null, indent: '' },
  ...{ kind: 'function', isAsync: false, isGenerator: false, parameters: [], isModuleLevel: true, exported: null },
  usesThis: false,
});
const parsed: ParsedSource = {
  ...{ language: 'javascript', errors: [], tests: [] },
  functions: [one('outer', 1, 20), one('outer.compare', 5, 5), one('Lexer.next', 30, 40), one('Parser.next', 50, 60)],
};

describe('functionAt', () => {
  it.each([
    ['by line and name', 'next', 31, 'Lexer.next'],
    ['by name, nearest to a line that is off', 'next', 62, 'Parser.next'],
    ['by line, where the name is none of the file', 'crate::other', 33, 'Lexer.next'],
    ['with its holder, where it is very short', 'compare', 5, 'outer'],
    ['an unnamed one by what holds it', null, 7, 'outer'],
    ['by name alone', 'main.(*Parser).outer', null, 'outer'],
    ['none', null, 25, null],
  ])('finds one %s', (_, name, line, expected) => {
    expect(functionAt(parsed, { name, line })?.name ?? null).toBe(expected);
  });
});

it.each([
  ['next', 'next'],
  ['lexer.(*Lexer).next', 'next'],
  ['Lexer.next#2', 'next'],
  ['crate::lexer::next', 'next'],
  ['', ''],
])('%s ends in %s', (name, short) => expect(shortName(name)).toBe(short));

describe('blockAt', () => {
  const c =
    'int other(int a);\n\nint hot(int a)\n{\n  for (;;) {\n    a++;\n  }\n  return a;\n}\n\nint main(void) {\n  return hot(1);\n}\n';
  const java =
    'class A {\n  int cold() {\n    return 1;\n  }\n\n  int hot(int a) {\n    if (a > 1) {\n      return cold();\n    }\n    return a;\n  }\n}\n';
  const ruby = 'def cold\n  1\nend\n\ndef hot(a)\n  a.each do |x|\n    p x\n  end\nend\n';
  it.each([
    ['C, from a line inside', c, 'hot', 6, [3, 9]],
    ['C, by name alone', c, 'main', null, [11, 13]],
    ['Java, from its head', java, 'hot', 6, [6, 11]],
    ['Java, from a line inside', java, 'hot', 8, [6, 11]],
    ['Ruby', ruby, 'hot', 7, [5, 9]],
    ['C without a name', c, null, 6, [3, 9]],
    ['nothing of that name', c, 'gone', 3, null],
  ])('finds a function of %s', (_, text, name, line, expected) => {
    const found = blockAt(text, { name, line });
    expect(found && [found.start, found.end]).toEqual(expected);
  });
});
