import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../adapters/glob.ts';
import { applyEdits } from '../../../../domain/proposal/edit.ts';
import { newlyImportedProtected } from '../../../../domain/protection/readers/imports.ts';
import { protectedFilesOf } from '../../../../domain/protection/protected-files.ts';

const metric = { pattern: '^METRIC ms=([0-9.]+)$' };
const benchmark = {
  command: 'node perf/measure.js',
  metric,
  unit: 'ms',
  better: 'lower',
  noise: 'measured',
  clock: 'cpu',
} as const;
const { protection, isEditable } = protectedFilesOf(
  { editable: ['**'], test: 'node checks/run.js', benchmark, sideMetrics: [] },
  { matches: matchesGlob },
);
const base = [
  ...[
    'test/harness.js',
    'test/lib/index.mjs',
    'test/typed.ts',
    'src/bench.js',
    'perf/measure.js',
    'checks/run.js',
    'package.json',
    'src/plain.js',
  ],
  ...[
    'tests/x.py',
    'tests/sub/__init__.py',
    'src/pkg/tests/y.py',
    'src/pkg/plain.py',
    'node_modules/a/index.js',
    'tsconfig.json',
  ],
];
const exists = (path: string) => Promise.resolve(base.includes(path));
const judgeIn = (file: string, after: string, before: string | null = '') =>
  newlyImportedProtected(file, before, after, { protection, exists });

describe('newlyImportedProtected', () => {
  it.each([
    ["import { eq } from '../test/harness.js';", 'test/harness.js'],
    ["import\n  '../test/harness.js'", 'test/harness.js'],
    ['import{eq}from"../test/harness.js"', 'test/harness.js'],
    ["export * from '../test/harness.js';", 'test/harness.js'],
    ["await import('../test/harness.js?fresh')", 'test/harness.js'],
    ['await import(`../test/harness.js`)', 'test/harness.js'],
    ["require('../test/harness.js').eq = () => true;", 'test/harness.js'],
    ["require(/* it's */ '../test/harness')", 'test/harness.js'],
    ["require.resolve('../test/harness')", 'test/harness.js'],
    ["createRequire(import.meta.url)('../test/harness.js')", 'test/harness.js'],
    ["const r = createRequire(import.meta.url); r('./../src/../test/harness.js')", 'test/harness.js'],
    ["new URL('../test/harness.js', import.meta.url)", 'test/harness.js'],
    ["new URL('bench.js', import.meta.url)", 'src/bench.js'],
    ["require('../te' + 'st/harness.js')", 'test/harness.js'],
    ["require('\\x2e./test/harness.js')", 'test/harness.js'],
    ["import('../%74est/harness.js')", 'test/harness.js'],
    ["require(join(__dirname, '..', 'test', 'harness.js'))", 'test/harness.js'],
    ["require(__dirname + '/../test/harness.js')", 'test/harness.js'],
    ['require(`${__dirname}/../test/harness.js`)', 'test/harness.js'],
    ["/'/.test(x); require('../test/harness.js')", 'test/harness.js'],
    ["import '../test/lib'", 'test/lib/index.mjs'],
    ["import '../test/typed.js'", 'test/typed.ts'],
    ["import './bench.js'", 'src/bench.js'],
    ["import '../perf/measure.js'", 'perf/measure.js'],
    ["import '../checks/run.js'", 'checks/run.js'],
  ])('finds the judge in %j', async (text, judge) => expect(await judgeIn('src/x.js', text)).toBe(judge));

  it.each([
    ['from tests.x import y', 'tests/x.py'],
    ['import tests.x', 'tests/x.py'],
    ['import os, tests.x as t', 'tests/x.py'],
    ['try: import tests.x\nexcept ImportError: pass', 'tests/x.py'],
    ['from tests import (\n  a, # one\n  x,\n)', 'tests/x.py'],
    ['from tests \\\n  import x', 'tests/x.py'],
    ['from tests.sub import z', 'tests/sub/__init__.py'],
    ['from .tests import y', 'src/pkg/tests/y.py'],
    ['from .tests.y import z', 'src/pkg/tests/y.py'],
    ['def f():\n    from ...tests.x import z', 'tests/x.py'],
    ["importlib.import_module('tests.x')", 'tests/x.py'],
  ])('finds the judge in Python, %j', async (text, judge) => expect(await judgeIn('src/pkg/a.py', text)).toBe(judge));

  it.each([
    [
      'src/x.js',
      "import p from '../package.json'; import './plain.js'; import '../node_modules/a/index.js'; import '../tsconfig.json'",
    ],
    [
      'src/x.js',
      "import 'test/harness.js'; import test from 'node:test'; import './test/harness.js'; import '../test/none.js'; const n = 'bench.js'",
    ],
    ['src/x.js', '// as test/harness.js and ../test/harness.js say\n'],
    [
      'src/pkg/a.py',
      'import os, plain\nfrom . import plain\nfrom .plain import tests\nimport tests_x\n# import tests.x\nfrom .....tests import x',
    ],
  ])('has nothing against what judges nothing (%s, %j)', async (file, text) =>
    expect(await judgeIn(file, text)).toBeNull(),
  );

  it('allows what the file imported before, and that alone', async () => {
    const before = "import { eq } from '../test/harness.js';\n";
    expect(await judgeIn('src/x.js', `${before}eq();\n`, before)).toBeNull();
    expect(await judgeIn('src/x.js', `${before}import './bench.js';\n`, before)).toBe('src/bench.js');
    expect(await judgeIn('src/a.py', 'from tests import x\nx()\n', 'from tests import x\n')).toBeNull();
    expect(await judgeIn('src/new.js', before, null)).toBe('test/harness.js');
  });

  it('gets through text that is made to be slow', async () => {
    for (const piece of [
      "\\'",
      "'",
      '"+',
      "' ",
      ' ',
      'from.',
      'from a import (',
      'import ',
      '\\',
      'URL( ',
      ',"',
      '..',
      '../',
    ])
      for (const file of ['x.js', 'x.py']) expect(await judgeIn(file, piece.repeat(50_000))).toBeNull();
  });
});

describe('applyEdits', () => {
  const contents = new Map([
    ['src/x.js', 'const a = 1;\n'],
    ['src/old.js', "import '../test/harness.js';\n// end\n"],
    ['test/harness.js', ''],
  ]);
  const target = {
    isEditable,
    protection,
    read: (path: string) => Promise.resolve({ content: contents.get(path) ?? null }),
  };

  it('refuses the edit by which a file comes to import a judge', async () => {
    const edits = [
      { file: 'src/new.js', content: 'export {};\n' },
      { file: 'src/x.js', search: 'const a = 1;', replace: "require('../test/harness.js').eq = 1;" },
    ];
    expect(await applyEdits(edits, target)).toEqual({
      ok: false,
      problem: 'edits.1: src/x.js newly imports test/harness.js, which is protected; leave it out',
    });
  });

  it('compares with the champion, not with an earlier edit', async () => {
    const gone = { file: 'src/old.js', content: '// end\n' };
    const back = { file: 'src/old.js', search: '// end', replace: "import '../test/harness.js';" };
    expect(await applyEdits([gone, back], target)).toMatchObject({ ok: true });
    expect(await applyEdits([{ file: 'src/old.js', search: '// end', replace: '// done' }], target)).toMatchObject({
      ok: true,
    });
  });
});
