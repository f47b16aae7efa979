import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../../adapters/parsers/parse.ts';
import { alter, helperFiles } from '../../../../domain/protection/breaks/alter.ts';
import { armedSeed, modeOf, toArming, type Way } from '../../../../domain/protection/breaks/arming.ts';
import { failingAssertion } from '../../../../domain/protection/breaks/assertions.ts';
import { chooseFunctions } from '../../../../domain/protection/breaks/choose.ts';
import { javaScriptHelpers } from '../../../../domain/protection/breaks/javascript.ts';
import { judgeBroken, type BrokenRun } from '../../../../domain/protection/breaks/judge.ts';

const arming = toArming(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
const sourceOf = async (path: string, text: string) => ({ text, parsed: (await parseSource(path, text))! });

describe('the number that arms a run', () => {
  it('gives back the mode that it was made for, whatever chance adds', () => {
    for (let nth = 0; nth < 200; nth++) {
      const bytes = Uint8Array.from({ length: 12 }, (_, index) => (nth * 37 + index * 101 + nth * index) % 256);
      const { salt, factor } = toArming(bytes);
      const seed = armedSeed({ ...arming, salt, factor }, nth % 64, (nth * 7_654_321) % 2 ** 26);
      expect(Math.imul(seed ^ salt, factor) >>> 26).toBe(nth % 64);
    }
  });
});

describe('armed JavaScript', () => {
  it.each([0, 1, 2, 3, 9, 63])('reads mode %i by operators alone, which no program can replace', (mode) => {
    for (let nth = 0; nth < 50; nth++) {
      const bytes = Uint8Array.from({ length: 12 }, (_, index) => (nth * 37 + index * 101 + nth * index) % 256);
      const own = { ...toArming(bytes), name: 'armed' };
      const seed = String(armedSeed(own, mode, (nth * 7_654_321) % 2 ** 26));
      const globals = { process: { env: { BENCH_SEED: seed } }, Math: {}, BigInt: undefined };
      const read = `${javaScriptHelpers(own, false)}; armed(-1); globalThis.read = armed.m;`;
      const context = createContext(globals);
      runInContext(read, context);
      expect(Object.getOwnPropertyDescriptor(globals, 'read')?.value).toBe(mode);
    }
  });
});

describe('a candidate over a break', () => {
  const run = (passed: boolean, count: number | null = null): BrokenRun => ({ passed, count });
  const fails = run(false, 2);
  it.each<[string, BrokenRun[], BrokenRun[], number, string]>([
    ['is judged by nothing yet', [], [], 0, 'again'],
    ['is not to blame where the base passes', [run(true)], [], 0, 'not covered'],
    ['is not to blame where the base passes now and then', [fails, run(true)], [run(true)], 0, 'not covered'],
    ['fails as the base does', [fails], [fails], 0, 'noticed'],
    ['fails by more tests', [fails], [run(false, 0)], 0, 'noticed'],
    ['fails without a number of tests', [fails], [run(false)], 0, 'noticed'],
    ['passes once', [fails], [run(true)], 0, 'again'],
    ['passes once of three times', [fails, fails, fails], [run(true), run(true), fails], 0, 'noticed'],
    ['passes each time', [fails, fails, fails], [run(true), run(true), run(true)], 0, 'blind'],
    [
      'fails by fewer tests each time',
      [fails, fails, fails],
      [run(false, 3), run(false, 3), run(false, 4)],
      0,
      'blind',
    ],
    [
      'fails by fewer tests, as many of which are flaky',
      [fails, fails, fails],
      [run(false, 3), run(false, 3), run(false, 3)],
      1,
      'noticed',
    ],
    ['fails by fewer tests than some run of the base', [fails, fails, run(false, 3)], [run(false, 3)], 0, 'noticed'],
  ])('%s', (_, base, candidate, flaky, notice) => {
    expect(judgeBroken(base, candidate, flaky)).toBe(notice);
  });

  it('is never called blind where one of its runs fails as a run of the base does', () => {
    for (let nth = 0; nth < 4 ** 6; nth++) {
      const runs = Array.from({ length: 6 }, (_, index) => Math.floor(nth / 4 ** index) % 4).map((kind) =>
        run(kind === 3, kind === 3 ? 4 : kind),
      );
      const [base, candidate] = [runs.slice(0, 3), runs.slice(3)];
      if (judgeBroken(base, candidate, 0) !== 'blind') continue;
      expect(base.every(({ passed }) => !passed)).toBe(true);
      const most = Math.max(...base.map(({ count }) => count!));
      expect(candidate.every(({ passed, count }) => passed || count! > most)).toBe(true);
    }
  });
});

describe('the functions that are broken', () => {
  const base =
    'const K = 1;\nexport function f(x) {\n  return g(x) + K;\n}\nfunction g(x) {\n  return x;\n}\nexport const h = (x) => x;\n';
  const choose = async (after: string) => {
    const chosen = chooseFunctions([
      { path: 'a.mjs', base: await sourceOf('a.mjs', base), candidate: await sourceOf('a.mjs', after) },
    ]);
    const { functions, leftOut, isComparable } = chosen;
    return { names: functions.map(({ name, isApart }) => `${name}${isApart ? '' : ' within'}`), leftOut, isComparable };
  };
  const moved = (exported: string) =>
    base.replace('export const h = (x) => x;', `const h = (x) => +x;\nexport { ${exported} };`);
  it.each([
    ['one is edited', base.replace('return x;', 'return +x;'), ['g'], true],
    ['a helper is inlined', base.replace('g(x) + K', 'x + K').replace(/function g[^]*?}\n/, ''), ['f'], true],
    ['a helper gets another name', base.replaceAll('g(x)', 'other(x)'), ['f'], true],
    [
      'two are, of which one calls the other',
      base.replace('+ K', '- -K').replace('return x;', 'return +x;'),
      ['f', 'g within'],
      true,
    ],
    ['a constant that it uses is edited too', base.replace('K = 1', 'K = 2').replace('=> x;', '=> +x;'), ['h'], true],
    [
      'it is wrapped',
      base.replace('=> x;', '=> +x;').concat('export const twice = (x) => h(h(x));\n'),
      ['h within'],
      true,
    ],
    [
      'it is wrapped outside of functions',
      base.replace('=> x;', '=> +x;').concat('export const all = { h };\n'),
      ['h within'],
      true,
    ],
    ['it is exported under its name in another form', moved('h as h2, h'), ['h within'], true],
    [
      'another function is exported under its name',
      moved('h as old, k as h').concat('const k = (x) => -x;'),
      ['k within'],
      true,
    ],
    [
      'a helper of others is gone',
      base.replace('=> x;', '=> +x;').replace(/function g[^]*?}\n/, 'import { g } from "b";\n'),
      ['h'],
      false,
    ],
    ['nothing of it is left', 'export const other = 1;\n', [], false],
  ])('are as expected where %s', async (_, after, names, isComparable) => {
    expect(await choose(after)).toEqual({ names, leftOut: [], isComparable });
  });

  it('are none where a file cannot be read on a side, and then nothing is compared', async () => {
    const source = await sourceOf('a.mjs', base);
    const chosen = (one: typeof source | null, other: typeof source | null) =>
      chooseFunctions([{ path: 'a.mjs', base: one, candidate: other }]);
    expect(chosen(source, null)).toMatchObject({ functions: [], isComparable: false });
    expect(chosen(null, source)).toMatchObject({ functions: [], isComparable: true });
  });
});

describe('an armed source', () => {
  const armed = async (path: string, text: string, isTest = false) => {
    const source = await sourceOf(path, text);
    const outer = source.parsed.functions.filter(
      (one) =>
        !source.parsed.functions.some(
          (other) => other !== one && other.range.start <= one.range.start && one.range.end <= other.range.end,
        ),
    );
    const named = outer.filter(({ name }) => name !== 'tell');
    const broken = isTest ? [] : named.map((one, index) => ({ one, index }));
    const content = alter({ path, source, broken, isTest }, arming)!;
    expect((await parseSource(path, content))!.errors).toEqual([]);
    return content;
  };
  const ways: [Way, number?][] = [['none'], ['throws'], ['wrong'], ['throws', 1], ['misled']];
  /** Runs a program in each mode. */
  const runIn = (command: string, file: string, text: string) => {
    const directory = mkdtempSync(join(tmpdir(), 'armed-'));
    writeFileSync(join(directory, file), text);
    const outputs = ways.map(([way, alone]) => {
      const env = { ...process.env, BENCH_SEED: String(armedSeed(arming, modeOf(way, alone), 12_345)) };
      const { stdout, stderr } = spawnSync(command, [file], { cwd: directory, env, encoding: 'utf8' });
      return (stdout + stderr).replaceAll(arming.name, 'NAME').split('\n').filter(Boolean);
    });
    rmSync(directory, { recursive: true });
    return outputs;
  };

  it('of JavaScript does as it did, throws, or gives a wrong value', async () => {
    const text = [
      'const told = [];',
      'const tell = async (work) => { try { told.push(await work()); } catch (error) { told.push(error.message); } };',
      'export function sum(a, b = arguments.length) { return a + b; }',
      'export const twice = (x) => ({ x: x * 2 });',
      'export const later = async (x) => { await null; return [x]; };',
      'function* each(n) { for (let i = 0; i < n; i++) yield i; }',
      'class Counter { #n = 0; get n() { return this.#n; } add(k) { this.#n += k; return this; } static of = (n) => new Counter().add(n).n; }',
      "function strict() { 'use strict'; return this === undefined; }",
      'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }',
      'for (const work of [() => sum(1), () => twice(2), () => later(3), () => [...each(2)], () => Counter.of(4), () => strict(), () => fib(9)]) await tell(work);',
      'console.log(JSON.stringify(told));',
    ].join('\n');
    const [none, throws, wrong, one, misled] = runIn('node', 'a.mjs', await armed('a.mjs', text));
    expect(none).toEqual(['[2,{"x":4},[3],[0,1],4,true,34]']);
    expect(throws).toEqual(['["NAME","NAME","NAME","NAME","NAME",true,"NAME"]']);
    // Within an edited function all is right: a wrong value is seen outside alone.
    expect(wrong).toEqual(['[3,{"x":5},[4,4],[1,0,1],5,true,35]']);
    expect(one).toEqual(['[2,"NAME",[3],[0,1],4,true,34]']);
    // The outermost call alone takes others.
    expect(misled).toEqual(['[4,{"x":6},[3],[1,0,1],5,true,55]']);
  });

  it('of Python does as it did, throws, or gives a wrong value', async () => {
    const text = [
      'import asyncio, functools',
      'def tell(work):',
      '    try: return work()',
      '    except Exception as error: return str(error)',
      '',
      '@functools.lru_cache(None)',
      'def total(a, *, b=1):',
      '    """Adds."""',
      '    return a + b',
      '',
      'class Text:',
      '    @property',
      '    def size(self):',
      '        return 3',
      '    @staticmethod',
      '    def of(x): return [x]',
      '',
      'async def later(x):',
      '    return {"x": x}',
      '',
      'def each(n):',
      '    yield from range(n)',
      '',
      'print([tell(work) for work in (lambda: total(1), lambda: Text().size, lambda: Text.of("a"), lambda: asyncio.run(later(1)), lambda: list(each(2)))], total.__doc__)',
    ].join('\n');
    const source = await sourceOf('a.py', text);
    const broken = source.parsed.functions
      .filter(({ name }) => !/tell|<lambda>/.test(name))
      .map((one, index) => ({ one, index }));
    const [none, throws, wrong, one, misled] = runIn(
      'python3',
      'a.py',
      alter({ path: 'a.py', source, broken, isTest: false }, arming)!,
    );
    expect(none).toEqual(["[2, 3, ['a'], {'x': 1}, [0, 1]] Adds."]);
    expect(throws).toEqual(["['NAME', 'NAME', 'NAME', 'NAME', 'NAME'] Adds."]);
    expect(wrong).toEqual(["[3, 4, ['aa', 'aa'], {'x': 2}, [1, 0, 1]] Adds."]);
    expect(one).toEqual(["[2, 'NAME', ['a'], {'x': 1}, [0, 1]] Adds."]);
    expect(misled).toEqual(["[3, 3, ['aa'], {'x': 1}, [0, 1, 2]] Adds."]);
  });

  it('of Go and Rust panics at the top of a function, and ends a test by a failure', async () => {
    const go = 'package words\n\nfunc Count(text string) int {\n\treturn len(text)\n}\n';
    expect(await armed('a.go', go)).toContain(`func Count(text string) int { if ${arming.name}(0) == 1 { panic(`);
    const test = 'package words\n\nimport "testing"\n\nfunc TestCount(t *testing.T) {\n\tCount("")\n}\n';
    expect(await armed('a_test.go', test, true)).toContain('{ defer func() { t.Errorf(');
    const sources = [
      { path: 'x/a_test.go', source: await sourceOf('a_test.go', test) },
      { path: 'x/a.go', source: await sourceOf('a.go', go) },
    ];
    expect(helperFiles(sources, arming)).toMatchObject([
      { path: `x/${arming.name}.go`, content: expect.stringMatching(/^package words\n/) as string },
    ]);
    expect(await armed('a.rs', 'pub fn count(text: &str) -> usize { text.len() }\n')).toContain(
      `{ panic!("${arming.name}") }`,
    );
    expect(await armed('a.rs', '#[test]\nfn counts() { assert_eq!(1, 1); }\n', true)).toContain('assert_eq!(');
  });

  it('of tests ends each by an assertion in its own form', async () => {
    const text =
      "import { it, expect } from 'vitest';\nit('a', async () => { expect(await f()).toEqual(1); });\nit.each([[1]])('b', (x) => expect(x).toBe(1));\nit('c', function () { return g(); });\n";
    const content = await armed('a.test.ts', text, true);
    expect(
      [...content.matchAll(/=> \{ (expect\(\S+\)\.\w+\(\S+\);) \}\)/g)].map(([, put]) => put!.replace(/\d+/g, '#')),
    ).toEqual(['expect([#]).toEqual([#]);', 'expect("#").toBe("#");', 'expect(#).toBe(#);']);
  });

  it.each([
    ['assert.deepEqual(f(1), [2]);', 'assert.deepEqual([2314], [2326]);'],
    ['assert(f(1));', 'assert([[2314]].includes([2326]));'],
    ['assert.throws(() => f());', 'throw new Error("NAME");'],
    ['t.is(f(1), 2);', 't.is([2314], [2326]);'],
    ['expect(f(1)).to.deep.equal([2]);', 'expect([2314]).to.deep.equal([2326]);'],
    ['expect(f(1)).not.toBe(2);', 'throw new Error("NAME");'],
    ['', 'throw new Error("NAME");'],
  ])('fails as %s does', (test, statement) => {
    expect(failingAssertion([test, ''], arming, 0).replaceAll(arming.name, 'NAME')).toBe(statement);
  });
});
