import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSource } from '../../../adapters/parsers/parse.ts';
import { replayLanguages } from '../../../adapters/replay/languages.ts';
import {
  recordingDirectory,
  replayDirectory,
  valueLimits,
  type Answer,
  type Canonical,
  type Recorded,
} from '../../../domain/replay/contract.ts';

const [javascript] = replayLanguages;

let tree: string;
beforeEach(async () => {
  tree = mkdtempSync(join(tmpdir(), 'replay-node-'));
  for (const [name, text] of Object.entries(await javascript!.files())) write(`${replayDirectory}/${name}`, text);
});
afterEach(() => rmSync(tree, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

async function offer(modules: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(modules))
    write(file, javascript!.rewrite(file, text, (await parseSource(file, text))!));
}

/** Runs a program with recorders, and returns what they wrote. */
async function record(program: string): Promise<Recorded[]> {
  write('main.mjs', program);
  await execa('node', ['main.mjs'], { cwd: tree, env: { TMPDIR: tree } });
  const directory = join(tree, recordingDirectory);
  const lines = readdirSync(directory).flatMap((name) =>
    readFileSync(join(directory, name), 'utf8').trim().split('\n'),
  );
  return lines.map((line) => JSON.parse(line) as Recorded);
}

interface Called {
  answers: Answer[];
  exitCode: number | undefined;
}

async function call(
  calls: [file: string, name: string, ...args: Canonical[]][],
  traced: string[] = [],
): Promise<Called> {
  const named = calls.map(([file, name, ...args], id) => ({ id, file, name, arguments: args }));
  write(`${replayDirectory}/calls.json`, JSON.stringify({ mark: 'MARK', callMs: 300, traced, calls: named }));
  const { stdout, exitCode } = await execa('node', [`${replayDirectory}/call.mjs`], { cwd: tree, reject: false });
  const lines = stdout.split('\n').filter((line) => line.startsWith('MARK '));
  return { answers: lines.map((line) => JSON.parse(line.slice(5)) as Answer), exitCode };
}

const module = (body: string) => ({ 'src/a.mjs': body });
const endOf = async (body: string, ...args: Canonical[]) => {
  await offer(module(`export function f(${args.length > 0 ? 'x' : ''}) { ${body} }\n`));
  return (await call([['src/a.mjs', 'f', ...args]])).answers[0]!;
};
const returned = (value: Canonical) => ({ id: 0, end: { kind: 'returned', value } });

describe('the canonical form', () => {
  const cases: [string, string, Canonical][] = [
    [
      'numbers',
      '[1, -0, NaN, -Infinity, 0.1]',
      [1, { $: 'float', text: '-0' }, { $: 'float', text: 'NaN' }, { $: 'float', text: '-Infinity' }, 0.1],
    ],
    ['big integers', '2n ** 70n', { $: 'bigint', text: '1180591620717411303424' }],
    ['strings', '"a\\u{1d4b3}\\0"', 'a𝒳\0'],
    ['lone surrogates', '"a\\ud800"', { $: 'units', units: [97, 0xd800] }],
    ['nothing', '[undefined, null]', [{ $: 'undefined' }, null]],
    [
      'objects, by key',
      '({ b: 1, a: [2], __proto__: null })',
      {
        $: 'object',
        entries: [
          ['a', [2]],
          ['b', 1],
        ],
      },
    ],
    [
      'maps, in order',
      'new Map([["b", 1], ["a", 2]])',
      {
        $: 'map',
        entries: [
          ['b', 1],
          ['a', 2],
        ],
      },
    ],
    ['sets', 'new Set([2, 1])', { $: 'set', class: 'Set', values: [2, 1] }],
    [
      'dates',
      '[new Date(5), new Date(NaN)]',
      [
        { $: 'date', ms: 5 },
        { $: 'date', ms: null },
      ],
    ],
    ['patterns', '/a+/gi', { $: 'regexp', source: 'a+', flags: 'gi' }],
    [
      'typed arrays',
      'new Float64Array([1, NaN])',
      { $: 'numbers', class: 'Float64Array', values: [1, { $: 'float', text: 'NaN' }] },
    ],
    [
      'buffers',
      '[Buffer.from("a"), new ArrayBuffer(1)]',
      [
        { $: 'bytes', class: 'Buffer', hex: '61' },
        { $: 'bytes', class: 'ArrayBuffer', hex: '00' },
      ],
    ],
  ];
  it.each(cases)('holds %s and makes them again', async (_, expression, canonical) => {
    const require = createRequire(import.meta.url);
    const { toCanonical, fromCanonical } = require(join(tree, replayDirectory, 'canonical.cjs')) as {
      toCanonical: (value: unknown) => Canonical;
      fromCanonical: (value: Canonical) => unknown;
    };
    expect(await endOf(`return ${expression};`)).toEqual(returned(canonical));
    expect(toCanonical(fromCanonical(canonical))).toEqual(canonical);
  });

  it.each<[string, string, Canonical]>([
    [
      'cycles',
      'const a = [1]; a.push({ a }); return a;',
      [1, { $: 'object', entries: [['a', { $: 'cycle', up: 1 }]] }],
    ],
    [
      'errors by class',
      'class Bad extends Error {} return [new Bad("x"), new TypeError("y")];',
      [
        { $: 'error', class: 'Bad' },
        { $: 'error', class: 'TypeError' },
      ],
    ],
    [
      'instances',
      'class P { constructor() { this.x = 1; } } return new P();',
      { $: 'instance', class: 'P', entries: [['x', 1]] },
    ],
    [
      'what hides its state',
      'class P { #x = 1; get x() { return this.#x; } } return new P();',
      { $: 'opaque', what: 'P' },
    ],
    ['functions', 'return [() => 1];', [{ $: 'opaque', what: 'function' }]],
    ['promises', 'return Promise.resolve(1);', { $: 'opaque', what: 'promise' }],
    ['iterators', 'return [1][Symbol.iterator]();', { $: 'opaque', what: 'iterator' }],
    ['holes', 'return [, 1];', { $: 'opaque', what: 'hole' }],
    [
      'what is worked out when it is looked at',
      'return { get a() { return 1; } };',
      { $: 'object', entries: [['a', { $: 'opaque', what: 'accessor' }]] },
    ],
    [
      'parts of a list that are',
      'return Object.defineProperty([1], 1, { get: () => 2, enumerable: true });',
      [1, { $: 'opaque', what: 'accessor' }],
    ],
    [
      'parts of a list that its class has',
      'return Object.setPrototypeOf(Array(1), { get 0() { return 1; }, __proto__: Array.prototype });',
      { $: 'opaque', what: 'hole' },
    ],
    [
      'maps whose class answers in their place',
      'class M extends Map { *[Symbol.iterator]() { yield [1, 2]; } } return new M();',
      { $: 'map', entries: [] },
    ],
    ['proxies', 'return new Proxy({}, {});', { $: 'opaque', what: 'proxy' }],
    ['long lists', `return Array(${valueLimits.nodes + 1}).fill(0);`, { $: 'opaque', what: 'too large' }],
    ['long strings', `return "x".repeat(${valueLimits.chars + 1});`, { $: 'opaque', what: 'too large' }],
  ])('names or bounds %s', async (_, body, canonical) => expect(await endOf(body)).toEqual(returned(canonical)));

  it('bounds depth', async () => {
    const { end } = await endOf('let a = []; for (let n = 0; n < 1e5; n++) a = [a]; return a;');
    expect(JSON.stringify(end)).toContain('{"$":"opaque","what":"too deep"}');
  });
});

describe('recorder and caller', () => {
  const forms: [string, Record<string, string>, string][] = [
    ['a declaration', { 'src/a.mjs': 'export function f(x) { return x + 1; }' }, "import { f } from './src/a.mjs';"],
    ['a constant', { 'src/a.mjs': 'export const f = (x) => x + 1;' }, "import { f } from './src/a.mjs';"],
    [
      'a list of exports',
      { 'src/a.mjs': 'const f = (x) => x + 1;\nexport { f };' },
      "import { f } from './src/a.mjs';",
    ],
    [
      'a default export',
      { 'src/a.mjs': 'export default function f(x) { return x + 1; }' },
      "import f from './src/a.mjs';",
    ],
    [
      'a constant by default',
      { 'src/a.mjs': 'const f = (x) => x + 1;\nexport default f;' },
      "import f from './src/a.mjs';",
    ],
    [
      'one that nobody exports',
      { 'src/a.mjs': 'function f(x) { return x + 1; }\nexport const g = { f: (x) => f(x) };' },
      "import { g } from './src/a.mjs'; const { f } = g;",
    ],
    [
      'CommonJS',
      { 'src/a.mjs': '', 'src/a.cjs': "'use strict';\nmodule.exports = { f };\nfunction f(x) { return x + 1; }" },
      "import a from './src/a.cjs'; const { f } = a;",
    ],
    [
      'CommonJS, an assignment',
      { 'src/a.cjs': 'exports.f = function (x) { return x + 1; };' },
      "import a from './src/a.cjs'; const { f } = a;",
    ],
    [
      'CommonJS, a constant as a whole',
      { 'src/a.cjs': 'const f = (x) => x + 1;\nmodule.exports = f;' },
      "import f from './src/a.cjs';",
    ],
  ];
  it.each(forms)('take %s', async (_, modules, imports) => {
    await offer(modules);
    const recorded = await record(`${imports}\nif (f(2) !== 3) throw new Error();\nf([1, 'x']); f(2);`);
    const file = recorded[0]!.file;
    expect(recorded).toEqual([
      { file, name: 'f', arguments: [2] },
      { file, name: 'f', arguments: [[1, 'x']] },
    ]);
    expect((await call([[file, 'f', 41]])).answers).toEqual([returned(42)]);
  });

  it('take what stands on the exported function by its name in the source', async () => {
    await offer({ 'a.cjs': 'const f = (x) => x;\nf.strict = (x) => x + 1;\nmodule.exports = f;' });
    expect(await record("import f from './a.cjs'; f.strict(1);")).toEqual([
      { file: 'a.cjs', name: 'f.strict', arguments: [1] },
    ]);
    expect((await call([['a.cjs', 'f.strict', 1]])).answers).toEqual([returned(2)]);
  });

  it('leave lines, strictness, classes and what is asynchronous as they are', async () => {
    const text = [
      '#!/usr/bin/env node',
      '"use strict";',
      'const C = class {};',
      'async function a() { return 1; }',
      'function* g() { yield 1; }',
      'function f() { return [this === undefined, new Error().stack.split("\\n")[1].replace(/.*cjs:(\\d+).*/, "$1")]; }',
      'module.exports = { C, a, g, f };',
    ].join('\n');
    await offer({ 'a.cjs': text });
    const recorded = await record(
      "import m from './a.cjs'; new m.C(); await m.a(); [...m.g()]; console.log(m.f.call());",
    );
    expect(recorded.map(({ name }) => name)).toEqual(['f']);
    expect((await call([['a.cjs', 'f']])).answers).toEqual([returned([true, '6'])]);
  });

  it('record what is no plain data by name, and never the same call twice', async () => {
    await offer(module('export const f = (x) => x;'));
    const recorded = await record(
      "import { f } from './src/a.mjs'; for (let n = 0; n < 1000; n++) { f(() => n); f(n % 3); }",
    );
    expect(recorded[0]).toEqual({ file: 'src/a.mjs', name: 'f', leftOut: 'function' });
    expect(new Set(recorded.map((one) => JSON.stringify(one))).size).toBe(recorded.length);
    expect(recorded.length).toBeGreaterThan(1);
  });

  it('take arguments as they were before the call, and cut what is long', async () => {
    await offer(module('export function f(x) { x.reverse(); }'));
    const [call] = await record("import { f } from './src/a.mjs'; f(Array.from({ length: 9000 }, (_, at) => at));");
    expect(call).toEqual({ file: 'src/a.mjs', name: 'f', arguments: [Array.from({ length: 200 }, (_, at) => at)] });
  });

  it('answer changed arguments, and each call with fresh ones', async () => {
    await offer(module('export function f(x) { x.sort(); return x.length; }'));
    const { answers } = await call([
      ['src/a.mjs', 'f', ['b', 'a']],
      ['src/a.mjs', 'f', ['a', 'b']],
    ]);
    expect(answers).toEqual([
      { ...returned(2), after: [['a', 'b']] },
      { ...returned(2), id: 1 },
    ]);
  });

  it.each<[string, string, object]>([
    ['an error of the program', 'throw new RangeError("no");', { class: 'RangeError', code: null, isAccident: false }],
    [
      'its code',
      'throw Object.assign(new Error(), { code: "ENOENT" });',
      { class: 'Error', code: 'ENOENT', isAccident: false },
    ],
    ['an accident', 'return null.x;', { class: 'TypeError', code: null, isAccident: true }],
    ['endless recursion', 'return f();', { class: 'RangeError', code: null, isAccident: true }],
    ['no error at all', 'throw 7;', { class: 'number', code: null, isAccident: false }],
  ])('tell %s', async (_, body, end) => expect((await endOf(body)).end).toEqual({ kind: 'threw', ...end }));

  it('tell which functions ran, inner ones and methods too', async () => {
    const lines = [
      'export function f() {',
      'return new C().m();',
      '}',
      'class C {',
      'm() {',
      'return [1].map(',
      '(x) => x',
      ');',
      '}',
      '}',
      'export function g() {}',
    ];
    await offer(module(lines.join('\n')));
    const { answers } = await call(
      [
        ['src/a.mjs', 'f'],
        ['src/a.mjs', 'g'],
      ],
      ['src/a.mjs'],
    );
    const ran = answers.map((answer) => (answer.ran ?? []).map(([, line]) => line).sort((a, b) => a - b));
    expect(ran[0]).toEqual(expect.arrayContaining([1, 5, 7]));
    expect(ran[0]).not.toContain(11);
    expect(ran[1]).toEqual([11]);
  });
});

describe('a hostile module', () => {
  const calls: [string, string, ...Canonical[]][] = [
    ['src/a.mjs', 'f', 1],
    ['src/a.mjs', 'f', 2],
  ];
  const answersOf = async (text: string) => {
    await offer(module(text));
    return call(calls);
  };

  it('that never returns is late, and the next call is made', async () => {
    const { answers } = await answersOf('export function f(x) { while (x === 1); return x; }');
    expect(answers).toEqual([
      { id: 0, end: { kind: 'late' } },
      { ...returned(2), id: 1 },
    ]);
  });

  it('that throws while it is loaded cannot be called', async () => {
    const { answers } = await answersOf('export function f() {}\nthrow new Error("x".repeat(1e6));');
    expect(answers.map(({ end }) => end)).toEqual(
      Array(2).fill({ kind: 'unreachable', why: 'its module cannot be loaded: Error' }),
    );
  });

  it('that ends the process gives no answer more', async () => {
    const { answers, exitCode } = await answersOf('export function f(x) { if (x === 2) process.exit(3); return x; }');
    expect([answers.length, exitCode]).toEqual([1, 3]);
  });

  it('that tampers with JSON, prototypes and the caller changes its own answers at most', async () => {
    const { answers } = await answersOf(
      [
        'JSON.stringify = () => "{}"; Object.prototype.kind = "returned"; Array.prototype.map = () => [];',
        'process.exit = () => {}; process.stdout.write("MARK {}\\n"); Object.keys = () => ["x"];',
        'export function f(x) { console.log("noise"); return { x }; }',
      ].join('\n'),
    );
    expect(answers.every(({ id }) => id === 0 || id === 1)).toBe(true);
    expect(answers.map(({ end }) => end)).not.toContainEqual({ kind: 'returned', value: 1 });
  });

  it('finds no answer of anybody in what the caller was given', async () => {
    const text =
      "import { readFileSync } from 'node:fs';\nexport function f() { return readFileSync(new URL('../.karpathy-loop-replay/calls.json', import.meta.url), 'utf8'); }";
    const { answers } = await answersOf(text);
    const [{ end }] = answers as [Answer];
    const seen = JSON.parse((end as { value: string }).value) as object;
    expect(Object.keys(seen)).toEqual(['mark', 'callMs', 'traced', 'calls']);
    expect(JSON.stringify(seen)).not.toMatch(/returned|threw|value|end/);
  });
});
