import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../adapters/parsers/parse.ts';
import { createSandbox } from '../../../adapters/sandbox/create.ts';
import {
  maxRecorded,
  recordingDirectory,
  replayDirectory,
  valueLimits,
  type Answer,
  type Canonical,
  type Recorded,
} from '../../../domain/replay/contract.ts';
import { offeringPythonModule } from '../../../domain/replay/python-module.ts';
import { hasBubblewrap, makeDirectory, makeTree, requestOf, withBubblewrap } from '../sandbox/request.ts';

const file = 'src/pkg/mod.py';

/** A staged tree with one module in a package. */
async function stage(module: string, others: Record<string, string> = {}): Promise<string> {
  const { functions } = (await parseSource(file, module))!;
  const own = ['canonical', 'record'].map((name) => `karpathy_loop_${name}.py`);
  const read = (name: string) =>
    readFileSync(new URL(`../../../adapters/replay/python/${name}`, import.meta.url), 'utf8');
  return makeTree({
    'src/pkg/__init__.py': '',
    [file]: offeringPythonModule(file, module, functions),
    ...others,
    ...Object.fromEntries([...own, 'call.py'].map((name) => [`${replayDirectory}/${name}`, read(name)])),
    [`${replayDirectory}/limits.json`]: JSON.stringify({ ...valueLimits, recordingDirectory, maxRecorded }),
  });
}

async function run(tree: string, command: string): Promise<string> {
  const sandbox = await createSandbox({ allowUnsandboxed: false, generatedDirectory: makeDirectory() });
  const result = await sandbox.run(requestOf(command, tree, { tools: [], limits: { outputKiB: 4_096 } }));
  expect(result, result.tail).toMatchObject({ status: 'ok' });
  return result.stdout;
}

/** Runs a program that uses the module, and returns what was recorded, of one function. */
async function record(module: string, program: string): Promise<Recorded[]> {
  const tree = await stage(module, {
    'test.py': `import sys; sys.path.insert(0, 'src')\nfrom pkg.mod import *\n${program}`,
  });
  const lines = await run(tree, `python3 test.py >/dev/null && cat "$TMPDIR"/${recordingDirectory}/*.jsonl`);
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
}

const seen = (recorded: Recorded[]) =>
  recorded.map((one) => [one.name, 'arguments' in one ? one.arguments : one.leftOut]);

async function call(
  module: string,
  calls: [name: string, args: Canonical[]][],
  traced: string[] = [],
): Promise<Answer[]> {
  const tree = await stage(module);
  const request = calls.map(([name, args], id) => ({ id, file, name, arguments: args }));
  writeFileSync(
    join(tree, replayDirectory, 'calls.json'),
    JSON.stringify({ mark: 'mark', callMs: 500, traced, calls: request }),
  );
  const lines = (await run(tree, `exec python3 ${replayDirectory}/call.py`)).split('\n');
  return lines.filter((line) => line.startsWith('mark ')).map((line) => JSON.parse(line.slice(5)) as Answer);
}

const ends = async (module: string, calls: [string, Canonical[]][]) =>
  (await call(module, calls)).map(({ end }) =>
    end.kind === 'returned'
      ? end.value
      : end.kind === 'threw'
        ? `${end.class}${end.isAccident ? ' by accident' : ''}`
        : end.kind,
  );

const float = (text: string): Canonical => ({ $: 'float', text });
const tuple = (...values: Canonical[]): Canonical => ({ $: 'tuple', class: 'tuple', values });
const object = (entries: Record<string, Canonical>): Canonical => ({ $: 'object', entries: Object.entries(entries) });
const keywords = (entries: Record<string, Canonical>): Canonical => ({
  ...{ $: 'tuple', class: '(keywords)', values: [object(entries)] },
});

describe.skipIf(!hasBubblewrap)(withBubblewrap('recorder of Python'), () => {
  it('writes the arguments of each different call once, before the call changes them', async () => {
    const module = 'def f(a, b=1):\n    a.append(b)\n    return a\n';
    const recorded = await record(module, 'f([1]); f([1]); f([], 2.0); f([1], b=(1, None)); assert f([1]) == [1, 1]');
    expect(recorded[0]).toEqual({ file, name: 'f', arguments: [[1]] });
    expect(seen(recorded)).toEqual([
      ['f', [[1]]],
      ['f', [[], float('2.0')]],
      ['f', [[1], keywords({ b: tuple(1, null) })]],
    ]);
  });

  it('takes functions as they are seen from outside: cached, decorated, conditional, recursive, generators', async () => {
    const module = [
      'import functools',
      '@functools.lru_cache',
      'def cached(x): return x',
      'def wrap(f):',
      '    @functools.wraps(f)',
      '    def inner(*args): return f(*args)',
      '    return inner',
      '@wrap',
      'def decorated(x): return x',
      'try:',
      '    from none import conditional',
      'except ImportError:',
      '    def conditional(x): return x',
      'def recursive(n): return n and recursive(n - 1)',
      'def generator(n): yield from range(n)',
      'async def left_out(n): return n',
      'class A:',
      '    def left_out(self): return 1',
    ].join('\n');
    const program = [
      'import asyncio, pickle, inspect',
      'cached(1); cached.cache_clear(); assert cached.cache_info().currsize == 0',
      'decorated("x"); conditional(3); recursive(2); assert list(generator(2)) == [0, 1]',
      'asyncio.run(left_out(1)); A().left_out()',
      'assert pickle.loads(pickle.dumps(recursive)) is recursive and str(inspect.signature(recursive)) == "(n)"',
    ].join('\n');
    expect(seen(await record(module, program))).toEqual([
      ['cached', [1]],
      ['decorated', ['x']],
      ['conditional', [3]],
      ['recursive', [2]],
      ['recursive', [1]],
      ['recursive', [0]],
      ['generator', [2]],
    ]);
  });

  it('names why calls cannot be taken', async () => {
    const module = 'import collections\nclass A: x = 1\nP = collections.namedtuple("P", "x")\ndef f(a): return 1\n';
    const program = 'a = []; a.append(a)\nfor one in [print, iter([]), A(), ValueError(), a, object(), 1j]: f(one)';
    expect(seen(await record(module, program)).map(([, why]) => why)).toEqual([
      ...['function', 'iterator', 'A', 'error', 'cycle', 'object', 'complex'],
    ]);
  });

  it('takes ever fewer of many calls, and what is long cut short', async () => {
    const recorded = await record('def f(a): return a', 'for i in range(100000): f(i)\n');
    expect(recorded).toHaveLength(maxRecorded);
    const [long] = await record('def f(a, b): return a', 'f(list(range(9999)), "x" * 99999)');
    expect((long as { arguments: string[] }).arguments.map((one) => one.length)).toEqual([200, 4_096]);
  });

  it('changes nothing of a program but the depth of its stack', async () => {
    const module = 'def f(n): return n and f(n - 1)\ndef g(): raise KeyError(1)\n';
    const program = 'assert f(900) == 0\ntry: g()\nexcept KeyError: pass\nelse: raise SystemExit(1)';
    expect((await record(module, program)).length).toBeGreaterThan(1);
  });
});

describe.skipIf(!hasBubblewrap)(withBubblewrap('caller of Python'), () => {
  it('gives values of every kind and back', async () => {
    const values: Canonical[] = [
      ...[null, true, 0, -5, 'é😀', [1, [2]], tuple(1, 'a'), object({ a: 1, b: [] }), 9007199254740991],
      ...[float('1.0'), float('-0.0'), float('1e+22'), float('NaN'), float('Infinity'), float('-Infinity')],
      ...[
        { $: 'bigint', text: '-123456789012345678901234567890' },
        { $: 'units', units: [97, 0xd800] },
      ],
      ...[
        { $: 'bytes', class: 'bytearray', hex: '00ff' },
        { $: 'set', class: 'frozenset', values: [1, 2] },
      ],
      ...[
        {
          $: 'map',
          entries: [
            [1, 'a'],
            [tuple(2), 'b'],
          ],
        },
        { $: 'regexp', source: 'a+', flags: '32' },
      ],
    ] as Canonical[];
    expect(
      await ends(
        'def f(x): return x',
        values.map((value) => ['f', [value]]),
      ),
    ).toEqual(values);
  });

  it('tells values that no caller can make, with their content', async () => {
    const module = [
      'import collections, dataclasses, datetime, decimal, enum, fractions',
      '@dataclasses.dataclass',
      'class D:',
      '    x: int',
      'class S:',
      '    __slots__ = ("a",)',
      '    def __init__(self): self.a = 1',
      'class E(enum.Enum): RED = 1',
      'class L(list): pass',
      'P = collections.namedtuple("P", "x y")',
      'loop = {}',
      'loop["a"] = [loop]',
      'all = [D(1), S(), E.RED, L([1]), P(1, 2), collections.Counter("aab"), decimal.Decimal("1.50"),',
      '       fractions.Fraction(1, 2), datetime.date(2020, 1, 2), range(3), loop, ValueError("a"), len, object()]',
      'def f(n): return all[n]',
    ].join('\n');
    const instance = (name: string, entries: [string, Canonical][]): Canonical => ({
      ...{ $: 'instance', class: name, entries },
    });
    expect(
      await ends(
        module,
        Array.from({ length: 14 }, (_, n) => ['f', [n]]),
      ),
    ).toEqual([
      instance('D', [['x', 1]]),
      instance('S', [['a', 1]]),
      instance('E', [['name', 'RED']]),
      instance('L', [['(items)', [1]]]),
      { $: 'tuple', class: 'P', values: [1, 2] },
      instance('Counter', [['(items)', object({ a: 2, b: 1 })]]),
      instance('Decimal', [['text', "Decimal('1.50')"]]),
      instance('Fraction', [['text', 'Fraction(1, 2)']]),
      instance('date', [['text', 'datetime.date(2020, 1, 2)']]),
      instance('range', [['text', 'range(0, 3)']]),
      object({ a: [{ $: 'cycle', up: 1 }] }),
      { $: 'error', class: 'ValueError' },
      { $: 'opaque', what: 'function' },
      { $: 'opaque', what: 'object' },
    ]);
  });

  it('calls with names, takes what iterators give, and tells changed arguments', async () => {
    const module = [
      'def f(a, *, b=0): return a + b',
      'def g(n): yield from range(n)',
      'def endless():',
      '    while True: yield 1',
      'def h(xs): xs.sort()',
    ].join('\n');
    const answers = await call(module, [
      ['f', [1, keywords({ b: 2 })]],
      ['f', [1, { $: 'tuple', class: '(keywords)', values: [] }]],
      ['g', [2]],
      ['endless', []],
      ['h', [[2, 1]]],
      ['h', [[1, 2]]],
    ]);
    const iterator = (values: Canonical[]) => ({ kind: 'returned', value: { $: 'tuple', class: 'iterator', values } });
    expect(answers).toEqual([
      { id: 0, end: { kind: 'returned', value: 3 } },
      { id: 1, end: { kind: 'returned', value: 1 } },
      { id: 2, end: iterator([0, 1]) },
      { id: 3, end: iterator(Array.from({ length: 500 }, () => 1)) },
      { id: 4, end: { kind: 'returned', value: null }, after: [[1, 2]] },
      { id: 5, end: { kind: 'returned', value: null } },
    ]);
  });

  it('tells how a call ended, and goes on behind it', async () => {
    const module = [
      'import sys, json, time',
      'def purpose(): raise KeyError(1)',
      'def accident(): return {}[1]',
      'def number(text): return int(text)',
      'def deep(): return deep()',
      'def ends(): sys.exit(3)',
      'def endless():',
      '    caught = 0',
      '    while caught < 2:',
      '        try: time.sleep(0.01)',
      '        except BaseException: caught += 1',
      '    return "swallowed"',
      'def prints():',
      '    print("mark {}"); sys.__stdout__.write("mark 1"); return 1',
      'json.dumps = None',
    ].join('\n');
    const names = ['purpose', 'accident', 'number', 'number', 'deep', 'ends', 'endless', 'prints', 'none'];
    const args: Canonical[][] = [[], [], ['x'], [], [], [], [], [], []];
    expect(
      await ends(
        module,
        names.map((name, at) => [name, args[at]!]),
      ),
    ).toEqual([
      ...['KeyError', 'KeyError by accident', 'ValueError', 'TypeError by accident', 'RecursionError by accident'],
      ...['SystemExit', 'late', 1, 'unreachable'],
    ]);
  });

  it('tells why a module or an argument is not there', async () => {
    expect(await call('import nowhere\ndef f(): return 1', [['f', []]])).toEqual([
      { id: 0, end: { kind: 'unreachable', why: 'its module cannot be loaded: ModuleNotFoundError' } },
    ]);
    const key: Canonical = { $: 'map', entries: [[[1], 1]] };
    expect(await call('def f(x): return 1', [['f', [key]]])).toEqual([
      { id: 0, end: { kind: 'unreachable', why: 'no such argument can be made: TypeError' } },
    ]);
  });

  it('tells which functions ran, by the first line of their definitions', async () => {
    const module = [
      'import functools',
      '@functools.lru_cache',
      '@functools.wraps(print)',
      'def inner(x):',
      '    return x',
      'def outer(x):',
      '    return inner(x) if x else 0',
      'def other(): pass',
    ].join('\n');
    const answers = await call(
      module,
      [
        ['outer', [1]],
        ['outer', [0]],
        ['other', []],
      ],
      [file],
    );
    expect(answers.map(({ ran }) => ran)).toEqual([
      [
        [file, 2],
        [file, 6],
      ],
      [[file, 6]],
      [[file, 8]],
    ]);
  });

  it('bounds its answers, and sorts what has no order of its own', async () => {
    const module = [
      'def wide(): return list(range(100000))',
      'def long(): return "x" * 100000',
      'def deep():',
      '    made = []',
      '    for _ in range(1000): made = [made]',
      '    return made',
      'def large(): return 10 ** 100000',
      'def words(): return {"b", "a", "c"}',
    ].join('\n');
    const found = await call(
      module,
      ['wide', 'long', 'deep', 'large', 'words'].map((name) => [name, []]),
    );
    expect(found.map(({ end }) => /"what":"([^"]+)"/.exec(JSON.stringify(end))?.[1])).toEqual([
      ...['too large', 'too large', 'too deep', 'too large', undefined],
    ]);
    expect(found[4]!.end).toEqual({ kind: 'returned', value: { $: 'set', class: 'set', values: ['a', 'b', 'c'] } });
    expect(Math.max(...found.map((one) => JSON.stringify(one).length))).toBeLessThan(200_000);
  });
});
