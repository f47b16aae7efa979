import { expect, it } from 'vitest';
import { parseSource } from '../../../adapters/parsers/parse.ts';
import { functionsTouched, type SourceText } from '../../../domain/source/touched.ts';

async function read(text: string, path = 'a.js'): Promise<SourceText> {
  return { text, parsed: (await parseSource(path, text))! };
}

async function touched(before: string, after: string, path?: string) {
  const { edited, ...rest } = functionsTouched(await read(before, path), await read(after, path));
  return {
    edited: edited.map(({ after: { name }, outermost }) => (name === outermost ? name : `${name} in ${outermost}`)),
    ...rest,
  };
}

const none = { edited: [], added: [], removed: [], outside: false };

it.each<[string, string, string, object]>([
  ['nothing', 'function f() { 1 }', 'function f() { 1 }', none],
  ['a body', 'function f() { 1 } function g() {}', 'function f() { 2 } function g() {}', { edited: ['f'] }],
  ['a parameter', 'function f(a) {}', 'function f(b) {}', { edited: ['f'] }],
  ['a place', 'function f() { 1 } function g() { 2 }', 'function g() { 2 }\n\nfunction f() { 1 }', {}],
  ['one of two on a line', 'const f = () => 1, g = () => 2;', 'const f = () => 1, g = () => 3;', { edited: ['g'] }],
  [
    'an inner function',
    'function f() { const h = () => 1; return h; }',
    'function f() { const h = () => 2; return h; }',
    { edited: ['f.h in f'] },
  ],
  [
    'an unnamed callback',
    'function f(a) { return a.map((x) => x); }',
    'function f(a) { return a.map((x) => x + 1); }',
    { edited: ['f'] },
  ],
  ['a method', 'class A { a() { 1 } b() {} }', 'class A { a() { 2 } b() {} }', { edited: ['A.a'] }],
  ['a field', 'class A { x = 1; a() {} }', 'class A { x = 2; a() {} }', { outside: true }],
  ['a constant', 'const x = 1; function f() {}', 'const x = 2; function f() {}', { outside: true }],
  ['a new helper', 'function f() { 1 }', 'function h() {}\nfunction f() { h() }', { edited: ['f'], added: ['h'] }],
  [
    'an inner helper that hides an outer one',
    'function h() { 1 } function f() { h() }',
    'function h() { 1 } function f() {function h() { 2 } h() }',
    { edited: ['f'], added: ['f.h'] },
  ],
  [
    'what a module exports under a name',
    'export function f() { 1 }',
    'function f() { 1 } function g() { 2 }\nexport { g as f };',
    { edited: ['g'], added: ['f'], outside: true },
  ],
  ['a name', 'function f() {}', 'function g() {}', { added: ['g'], removed: ['f'] }],
  [
    'the second of a name',
    'class A { get a() {} set a(v) {} }',
    'class A { get a() {} set a(v) { 1 } }',
    {
      edited: ['A.a#2'],
    },
  ],
])('tells the edit of %s', async (_, before, after, expected) =>
  expect(await touched(before, after)).toEqual({ ...none, ...expected }),
);

it('tells decorators of Python from what is around them', async () => {
  const text = 'import a\n\n@cache\ndef f():\n    return 1\n\ndef g(): pass\n';
  expect(await touched(text, text.replace('@cache', '@other'), 'a.py')).toEqual({ ...none, edited: ['f'] });
  expect(await touched(text, text.replace('import a', 'import b'), 'a.py')).toEqual({ ...none, outside: true });
  expect(await touched(text, text.replace('return 1', 'return 2'), 'a.py')).toEqual({ ...none, edited: ['f'] });
});
