import { describe, expect, it } from 'vitest';
import { languageOf, parseSource } from '../../../adapters/parsers/parse.ts';
import type { ParsedSource, SourceFunction } from '../../../domain/source/function.ts';

async function parse(path: string, text: string): Promise<ParsedSource> {
  const parsed = await parseSource(path, text);
  expect(parsed, path).not.toBeNull();
  return parsed!;
}

/** One line a function: name, lines, kind, what else is true of it, name outside, parameters, inner text. */
async function lines(path: string, text: string): Promise<string[]> {
  return (await parse(path, text)).functions.map((one) => {
    const { body, expression } = one;
    const inner = body
      ? `{${text.slice(body.start, body.end)}}`
      : `=> ${text.slice(expression!.start, expression!.end)}`;
    const words = [
      ...[one.isAsync && 'async', one.isGenerator && 'generator', one.isModuleLevel && 'top', one.usesThis && 'this'],
    ].filter((word) => word !== false);
    const parameters = one.parameters ? `(${one.parameters.join(' ')})` : '(?)';
    return [one.name, `${one.start}-${one.end}`, one.kind, ...words, one.exported ?? '-', parameters, inner].join(' ');
  });
}

it.each([
  ['src/a.js', 'javascript'],
  ['a.mjs', 'javascript'],
  ['a.cjs', 'javascript'],
  ['a.jsx', 'javascript'],
  ['a.ts', 'typescript'],
  ['a.mts', 'typescript'],
  ['a.d.ts', null],
  ['a.tsx', 'tsx'],
  ['a.py', 'python'],
  ['a.go', 'go'],
  ['a.rs', 'rust'],
  ['a.json', null],
  ['js', null],
])('%s is %s', (path, language) => expect(languageOf(path)).toBe(language));

describe('functions of JavaScript', () => {
  it('names declarations, arrows, members and values of variables', async () => {
    const text = [
      "'use strict';",
      'export const double = async (x) => x * 2;',
      'function outer(a, b = 1) {',
      '  const inner = () => this.x;',
      '  return [1].map((y) => { return inner(y); });',
      '}',
      'function* many() { yield 1; }',
      'const object = { plain: function () {}, short() {}, arrow: (q) => ({ q }) };',
      'const kept = memoize(function (key) { return key; });',
      'Thing.prototype.go = function () { return this; };',
      'var left = function right() {};',
    ].join('\n');
    expect(await lines('a.js', text)).toEqual([
      'double 2-2 arrow async top double (x) => x * 2',
      'outer 3-6 function top this - (a b) {' + text.slice(text.indexOf('{') + 1, text.indexOf('\n}') + 1) + '}',
      'outer.inner 4-4 arrow this - () => this.x',
      'many 7-7 function generator top - () { yield 1; }',
      'object.plain 8-8 function - () {}',
      'object.short 8-8 method - () {}',
      'object.arrow 8-8 arrow - (q) => ({ q })',
      'kept 9-9 function - (key) { return key; }',
      'Thing.go 10-10 function this - () { return this; }',
      'left 11-11 function top - () {}',
    ]);
  });

  it('knows classes: fields, accessors, private and static members, decorators, computed names', async () => {
    const text = [
      'export default class Parser extends Base {',
      '  #count = 0;',
      '  bound = () => this.#count;',
      '  constructor(text) { super(text); }',
      '  @log()',
      '  async *next({ at }, ...rest) { yield this; }',
      '  get size() { return 1; }',
      '  set size(value) {}',
      '  static #make() { class Inner { go() {} } }',
      '  [Symbol.iterator]() { return helper(); function helper() {} }',
      '}',
    ].join('\n');
    expect(await lines('a.js', text)).toEqual([
      'Parser.bound 3-3 arrow this - () => this.#count',
      'Parser.constructor 4-4 constructor this - (text) { super(text); }',
      'Parser.next 5-6 method async generator this - (?) { yield this; }',
      'Parser.size 7-7 getter - () { return 1; }',
      'Parser.size#2 8-8 setter - (value) {}',
      'Parser.#make 9-9 method - () { class Inner { go() {} } }',
      'Parser.#make.Inner.go 9-9 method - () {}',
      // A computed name is none; what it holds belongs to the class.
      'Parser.helper 10-10 function - () {}',
    ]);
  });

  it.each([
    ['export function a() {}', 'a'],
    ['export default function a() {}', 'default'],
    ['export default function () {}', 'default'],
    ['export default () => 1', 'default'],
    ['function a() {}\nexport default a;', 'default'],
    ['function a() {}\nexport { a as b };', 'b'],
    ["function a() {}\nexport { a } from 'other';", null],
    ['exports.b = function a() {};', 'b'],
    ['module.exports.b = () => 1;', 'b'],
    ['module.exports = function () {};', 'default'],
    ['module.exports = a;\nfunction a() {}', 'default'],
    ['function a() {}\nexports.b = a;', 'b'],
    ['function a() {}\nmodule.exports = { a };', 'a'],
    ['function a() {}\nmodule.exports = { b: a };', 'b'],
    ['module.exports = { a() {} };', 'a'],
    ['module.exports = { b: function () {} };', 'b'],
    ['function a() {}', null],
    ['function a() { exports.a = a; }', null],
  ])('%j exports %s', async (text, exported) => {
    const { functions } = await parse('a.js', text);
    expect(functions.map((one) => [one.isModuleLevel, one.exported])).toEqual([[true, exported]]);
  });
});

it('leaves overloads and abstract methods of TypeScript out, and knows its types and namespaces', async () => {
  const text = [
    'function pick(a: string): void;',
    'function pick(this: Thing, a?: string, b: number = 1): void { }',
    'export abstract class A<T> {',
    '  private readonly is = (x: unknown): x is string => true;',
    '  abstract none(): void;',
    '  @First',
    '  @Second({ a: 1 })',
    '  marked(@Inject() private x: T) {}',
    '}',
    'namespace Space { export function inner() {} }',
    'export const cast = (function () {} as unknown);',
  ].join('\n');
  const expected = [
    'pick 2-2 function top this - (a b) { }',
    'A.is 4-4 arrow - (x) => true',
    'A.marked 6-8 method - (x) {}',
    'Space.inner 10-10 function - () {}',
    'cast 11-11 function top cast () {}',
  ];
  expect(await lines('a.ts', text)).toEqual(expected);
  expect(await lines('a.tsx', text)).toEqual(expected);
  expect(await lines('a.tsx', 'export const View = ({ a }: P) => <b>{a}</b>;')).toEqual([
    'View 1-1 arrow top View (?) => <b>{a}</b>',
  ]);
});

it('knows decorators, docstrings, properties and conditional definitions of Python', async () => {
  const text = [
    '@cache',
    'async def load(a, b: int = 1, /, c=2):',
    '    # comment',
    '    """Docstring',
    '    of two lines."""',
    '    return a',
    'class A:',
    '    def __init__(self, *rest): self.x = 1',
    '    @property',
    '    def size(self): return (yield 1)',
    '    @size.setter',
    '    def size(self, v): pass',
    '    @staticmethod',
    '    def make(a, *, b): return a',
    'double = lambda x: x * 2',
    'try:',
    '    from c import quick',
    'except ImportError:',
    '    def quick(x):',
    '        def inner(): return x',
    '        return inner()',
  ].join('\n');
  expect(await lines('a.py', text)).toEqual([
    'load 1-6 function async top load (a b c) {return a}',
    'A.__init__ 8-8 constructor this - (?) {self.x = 1}',
    'A.size 9-10 getter generator this - (self) {return (yield 1)}',
    'A.size#2 11-12 setter this - (self v) {pass}',
    'A.make 13-14 method - (?) {return a}',
    'double 15-15 arrow top double (x) => x * 2',
    'quick 19-21 function top quick (x) {def inner(): return x\n        return inner()}',
    'quick.inner 20-20 function - () {return x}',
  ]);
});

it('knows receivers and type parameters of Go', async () => {
  const text = [
    'package a',
    'func (p *Tree[K]) Find(a, b int, rest ...string) (int, error) { return 1, nil }',
    'func Map[T any](x []T, f func(T) T) []T {',
    '\treturn x',
    '}',
    'func helper(int) {}',
  ].join('\n');
  expect(await lines('a.go', text)).toEqual([
    'Tree.Find 2-2 method this - (?) { return 1, nil }',
    'Map 3-5 function top Map (x f) {\n\treturn x\n}',
    'helper 6-6 function top - (?) {}',
  ]);
});

it('knows implementations, traits and modules of Rust', async () => {
  const text = [
    'pub async fn top(a: i32, mut b: u8) -> i32 { a }',
    'fn own((a, b): (u8, u8)) {}',
    "impl<'a, T> Iterator for Words<'a, T> {",
    '    fn next(&mut self) -> Option<T> { None }',
    '    fn new() -> Self { super::make() }',
    '}',
    'trait Shape { fn area(&self) -> f64 { 0.0 } fn none(&self); }',
    'mod inner { pub fn deep() {} }',
  ].join('\n');
  expect(await lines('a.rs', text)).toEqual([
    'top 1-1 function async top top (a b) { a }',
    'own 2-2 function top - (?) {}',
    'Words.next 4-4 method this - () { None }',
    'Words.new 5-5 method - () { super::make() }',
    'Shape.area 7-7 method this - () { 0.0 }',
    'inner.deep 8-8 function - () {}',
  ]);
});

describe('offsets and lines', () => {
  it.each([
    ['a.js', '// 😀 ünï\nconst s = "𝒳é"; function f() { return s; }', ' return s; '],
    ['a.js', '\uFEFFfunction f() { return 1; }', ' return 1; '],
    ['a.js', '/* a */\r\nfunction f() {\r\n  return 1;\r\n}\r\n', '\r\n  return 1;\r\n'],
    ['a.py', '# 😀\r\ndef f():\r\n    "é"\r\n    return "😀"\r\n', 'return "😀"'],
    ['a.go', '// 😀\npackage a\nfunc f() { _ = "é" }', ' _ = "é" '],
    ['a.rs', '// 😀\nfn f() { "é"; }', ' "é"; '],
  ])('of %s count UTF-16 units: %j', async (path, text, inner) => {
    const { functions, errors } = await parse(path, text);
    const [one] = functions;
    expect(text.slice(one!.body!.start, one!.body!.end)).toBe(inner);
    expect(one!.start).toBe(text.slice(0, text.search(/function|def |func |fn /)).split('\n').length);
    expect(errors).toEqual([]);
  });

  it.each([
    ['a.js', 'function f() { return 1; }\nconst = ;\nfunction g() {}', 2],
    ['a.ts', 'function f() {}\nconst a: = 1;', 2],
    ['a.py', 'def f():\n    return 1\ndef g(:\n    pass\n', 3],
    ['a.go', 'package a\nfunc f() {}\nfunc {\n', 3],
    ['a.rs', 'fn f() {}\nfn g( {}\n', 2],
  ])('of a syntax error in %s', async (path, text, line) => {
    const { functions, errors } = await parse(path, text);
    expect(errors.map((one) => one.line)).toContain(line);
    expect(functions.map((one) => one.name)).toContain('f');
  });

  it('finds none in what is right', async () =>
    expect((await parse('a.go', 'package a\n\nvar x = 1')).errors).toEqual([]));
});

describe('tests among other code', () => {
  it.each<[string, string, [line: number, text: string][]]>([
    [
      'a.rs',
      `#![cfg_attr(not(test), no_std)]
/// Adds.
/// \`\`\`should_panic
/// add(1);
/// \`\`\`
#[cfg_attr(test, derive(Debug))]
pub fn add(a: i32) -> i32 { a }
#[cfg(not(test))]
fn real() {}
#[allow(dead_code)]
#[cfg(all(test, unix))]
// Tests.
mod tests {
    #[test] fn one() {}
}
#[tokio::test]
async fn two() {}
#[cfg(feature = "test-data")]
struct Latest;
/* #[cfg(test)] mod gone {} */
`,
      [
        [10, '#[allow(dead_code)]\n#[cfg(all(test, unix))]\n// Tests.\nmod tests {\n    #[test] fn one() {}\n}'],
        [16, '#[tokio::test]\nasync fn two() {}'],
        [3, '```should_panic\nadd(1);\n```'],
      ],
    ],
    ['a.rs', 'mod a { #![cfg(test)]\n fn b() {} }', [[1, '{ #![cfg(test)]\n fn b() {} }']]],
    ['a.rs', '/**\n * ```\n * b();\n * ```\n */\nfn b() {}', [[2, '```\nb();\n```']]],
    [
      'a.py',
      `"""Words. >>> 0

>>> 1
1
"""
class T(unittest.TestCase):
    def test_a(self): pass
def f(t):
    # Comment.
    r'''Count.

        >>> f('a')
        1'''
    '''>>> no docstring'''
x = '''>>> 2'''
`,
      [
        [1, '>>> 0'],
        [3, '>>> 1\n1'],
        [12, ">>> f('a')\n1"],
        [6, 'class T(unittest.TestCase):\n    def test_a(self): pass'],
      ],
    ],
    ['a.ts', 'if (import.meta.vitest) {\n  it("a");\n}\nif (a) {}', [[1, 'if (import.meta.vitest) {\n  it("a");\n}']]],
    [
      'a.py',
      `async def test_a():
    assert f(1)
@slow
class TestB:
    def test_c(self):
        with raises(X): f(2)
def test_connection(host): return host
class Testament: pass
def f(x):
    def test_d(): assert x
`,
      [
        [1, 'async def test_a():\n    assert f(1)'],
        [3, '@slow\nclass TestB:\n    def test_c(self):\n        with raises(X): f(2)'],
      ],
    ],
    [
      'a.mjs',
      `import { describe, it as check, test } from "node:test";
export const f = (it) => it(1);
describe.skip('f', () => { test('a', () => {}); });
if (process.env.T) test('b', () => f());
`,
      [
        [3, "describe.skip('f', () => { test('a', () => {}); })"],
        [4, "test('b', () => f())"],
      ],
    ],
    ['a.mjs', "it('a'); // no runner", []],
    ['a.go', 'package a\n// >>> 1', []],
  ])('are read in %s', async (path, text, tests) => {
    expect((await parse(path, text)).tests.map(({ line, text }) => [line, text])).toEqual(tests);
  });
});

describe('where a first statement of Python can be put', () => {
  it.each([
    ['def f():\n    if x: pass\n', 'def f():\n    ', '    '],
    ['def f():\n\t"""d"""\n\treturn 1\n', 'def f():\n\t"""d"""\n\t', '\t'],
    ['def f(): return 1\n', 'def f(): ', ''],
    ['def f():\n    "only"\n', 'def f():\n    "only"', '    '],
    ['def f(): "only"\n', 'def f(): "only"', ''],
  ])('in %j', async (text, before, indent) => {
    const { functions } = await parse('a.py', text);
    expect([text.slice(0, functions[0]!.body!.start), functions[0]!.indent]).toEqual([before, indent]);
  });
});

describe('hostile text', () => {
  const size = 2 ** 20;
  const cut = (text: string) => text.slice(0, size);

  it('is refused above a size', async () => expect(await parseSource('a.js', ' '.repeat(size + 1))).toBeNull());

  it.each([
    ['a.js', cut('function a(){'.repeat(90_000))],
    ['a.js', cut('('.repeat(size))],
    ['a.ts', cut('class A{m(){return '.repeat(60_000))],
    ['a.py', cut(Array.from({ length: 1_400 }, (_, depth) => `${' '.repeat(depth)}def f():\n`).join(''))],
    ['a.rs', cut('fn f(){'.repeat(150_000))],
    ['a.rs', cut('#[test] mod a {'.repeat(70_000))],
    ['a.js', cut('if (import.meta.vitest) {'.repeat(42_000))],
  ])('in %s that nests without end gives errors and no endless names', async (path, text) => {
    const { functions, errors } = await parse(path, text);
    expect(errors).not.toEqual([]);
    expect(Math.max(0, ...functions.map(({ name }) => name.length))).toBeLessThanOrEqual(310);
  });

  it('of 1 MB with many functions is read', async () => {
    const { functions } = await parse('a.js', cut('function a(){}\n'.repeat(69_000)));
    expect(functions).toHaveLength(69_000);
    expect(functions.at(-1)).toMatchObject<Partial<SourceFunction>>({ name: 'a#69000', start: 69_000, end: 69_000 });
  });

  it('that takes more memory than there is gives nothing, and the next text is read', async () => {
    const [bad, good] = [parseSource('a.ts', 'a<'.repeat(500_000)), parseSource('b.ts', 'function f() {}')];
    expect(await bad).toBeNull();
    expect((await good)?.functions).toHaveLength(1);
  });
});
