import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { detect } from '../../../domain/init/detect.ts';
import type { InitPlan, RepositoryFacts } from '../../../domain/init/plan.ts';
import { workCount } from '../../../domain/init/work-count.ts';

const has =
  (...tools: string[]): RepositoryFacts['has'] =>
  (tool) =>
    tools.includes(tool);

function facts(texts: Record<string, string>, tools: string[] = ['python3']): RepositoryFacts {
  return { files: Object.keys(texts), texts: new Map(Object.entries(texts)), has: has(...tools) };
}

function plan(texts: Record<string, string>, tools?: string[]): InitPlan {
  const planned = detect(facts(texts, tools), 'file:///schema.json');
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  // What is written must be a loop.json.
  const parsed = parseLoopConfig({ repository: '/r', ...planned.value.config });
  expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  return planned.value;
}

const jsTest = "import { parse } from '../index.js';\nit('parses', () => { parse('a b c'); parse(input); });";
const js = (manifest: object) => ({ 'package.json': JSON.stringify(manifest), 'index.js': '', 'test/a.js': jsTest });

describe('init finds out a package of Node.js', () => {
  it.each([
    ['node --test', 'node --test'],
    ['nyc mocha -r ./x.js', 'npx mocha -r ./x.js --reporter spec'],
    ['xo && c8 ava', 'npx ava'],
    ['npm run lint && npm run unit', 'npx jest --verbose'],
    ['vitest', 'npx vitest run --reporter=verbose'],
    ['vitest run --coverage', 'npx vitest run --reporter=verbose'],
    ['jest --coverage --watch', 'npx jest --verbose'],
    ['cross-env NODE_ENV=test mocha --reporter dot', 'npx mocha --reporter spec'],
    ['make check', 'npm test'],
  ])('its tests: %s', (script, command) => {
    const scripts = { test: script, lint: 'eslint .', unit: 'jest' };
    expect(plan(js({ scripts })).config['test']).toBe(command);
  });

  it.each([
    ['package-lock.json', 'npm ci', ['node_modules']],
    ['pnpm-lock.yaml', 'npx -y pnpm@10 install --frozen-lockfile', ['node_modules']],
    ['yarn.lock', 'npx -y yarn@1 install --frozen-lockfile', ['node_modules']],
    ['none', 'npm install --no-audit --no-fund', ['node_modules']],
  ])('its package manager, by %s', (lock, setup, provided) => {
    const manifest = { scripts: { test: 'mocha' }, devDependencies: { mocha: '1' } };
    const found = plan({ ...js(manifest), [lock]: '' });
    expect([found.config['setup'], found.config['provided'], found.needsNetwork]).toEqual([setup, provided, true]);
  });

  it('that is CommonJS', () => {
    const test =
      "const fn = require('..');\nconst { a, b: c } = require('../lib/x');\nfn('one', { two: 2 });\na([1, 2]);\nfn.more('x');";
    const found = plan({ ...js({ scripts: { test: 'mocha' } }), 'test/a.js': test, 'lib/x.js': '' });
    const [file] = found.files;
    expect(file!.text).toContain('const fn = module0.default ?? module0;');
    expect(file!.text).toContain('const { a } = { ...module1.default, ...module1 };');
    for (const call of [
      "fn(...args), (vary) => [['one', { two: 2 }]",
      'a(...args), (vary) => [[[1, 2]]',
      "fn.more(...args), (vary) => [['x']",
    ])
      expect(file!.text).toContain(call);
  });

  it('that needs no setup, or a build', () => {
    const manifest = { scripts: { test: 'node --test', build: 'tsc' }, main: 'dist/index.js' };
    const found = plan({
      'package.json': JSON.stringify(manifest),
      'src/index.ts': '',
      'test/a.test.ts': "import { parse } from '../src/index.ts';\nparse('x y');",
    });
    expect(found.config).toMatchObject({ editable: ['src/**'], build: 'npm run build', test: 'node --test' });
    expect(found.config).not.toHaveProperty('setup');
    expect(found.files[0]!.text).toContain("from '../dist/index.js'");
  });

  it('writes a benchmark of what the tests call, and takes one that is there', () => {
    const [file] = plan(js({ scripts: { test: 'node --test' } })).files;
    expect(file!.text).toContain("parse(...args), (vary) => [['a b c'].map(vary)]");
    const own = { ...js({ scripts: { test: 'node --test' } }), 'bench.mjs': 'console.log(`METRIC ms=${1}`)' };
    expect(plan(own)).toMatchObject({ files: [], config: { benchmark: { command: 'node bench.mjs' } } });
  });

  const member = {
    'package.json': JSON.stringify({ name: '@x/core', main: 'src/index.ts', scripts: { test: 'vitest' } }),
    'src/index.ts': '',
    '__tests__/index.test.ts': "import { parse } from '../src/index';\nparse('a b c');\n",
  };

  it('that is a member of a workspace, which is installed at the top', () => {
    const root = { packageManager: 'pnpm@10.28.0', devDependencies: { vitest: '4', tsx: '4' } };
    const top = facts({ 'package.json': JSON.stringify(root), 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': '' });
    const planned = detect({ ...facts(member), top: { below: 'packages/my core', facts: top } }, '');
    expect(planned).toMatchObject({
      ok: true,
      value: {
        config: {
          directory: '.',
          editable: ['packages/my core/src/**'],
          setup: 'npx -y pnpm@10.28.0 install --frozen-lockfile',
          provided: ['node_modules'],
          test: "cd 'packages/my core' && npx vitest run --reporter=verbose",
          benchmark: { command: "cd 'packages/my core' && node --import tsx bench/karpathy-loop.mjs 20" },
        },
      },
    });
  });

  it('whose sources no benchmark can import, or that has only members, by what would help', () => {
    const [typed] = (detect(facts(member), '') as { problems: string[] }).problems;
    expect(typed).toMatch(
      /for TypeScript that is not built add tsx \(npm install --save-dev tsx\), or write bench\.mjs/,
    );
    const root = { 'package.json': '{"workspaces":["packages/*"]}', 'packages/core/package.json': '{}' };
    const { problems } = detect(facts(root), '') as { problems: string[] };
    expect(problems.at(-1)).toMatch(/type init with the directory of one, as "karpathy-loop init packages\/core"$/);
  });

  it.each([
    ['that goes by a clock', 'bench("a", f)', { harness: 'vitest-bench', clock: 'none' }],
    ['of fixed work', 'bench("a", f, { iterations: 9, time: 0 })', { harness: 'vitest-bench' }],
  ])('with a benchmark of Vitest %s', (_, text, config) => {
    const manifest = { scripts: { test: 'vitest' }, devDependencies: { vitest: '4' } };
    const { benchmark } = plan({ ...js(manifest), 'bench/a.bench.ts': text }).config;
    expect(benchmark).toEqual({ command: 'npx vitest bench --run', ...config });
  });

  it('says what is missing', () => {
    const none = { 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }), 'index.js': '' };
    expect(detect(facts(none), '')).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^benchmark: there is none, .*; write bench\.mjs .*type init again$/)],
    });
    expect(detect(facts({ 'a.txt': '' }), '')).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^init: found no /)],
    });
  });
});

describe('init finds out other languages', () => {
  const python = {
    'pyproject.toml':
      '[project]\nname = "a"\ndependencies = ["x"]\n[project.optional-dependencies]\ntest = ["pytest"]\n',
    'src/words/__init__.py': '',
    'tests/test_words.py':
      "import pytest\nfrom words import (count,\n  split)\ndef test(): assert count('a b', sep=' ') == 2\n",
  };

  it('Python with src layout in a virtual environment', () => {
    const { config, files } = plan(python);
    expect(config).toMatchObject({
      editable: ['src/**'],
      setup: "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' pytest",
      provided: ['.venv'],
      test: '.venv/bin/python -m pytest -v -p no:cacheprovider tests',
    });
    expect(files[0]!.text).toContain('from words import count\n');
    expect(files[0]!.text).toContain("(lambda: count, lambda: [pack('a b', sep=' ')])");
  });

  it('what tox installs for the tests, and pytest without a cover that it may not have', () => {
    const tox =
      '[tox]\nenvlist = py\n[testenv]\ncommands = pytest\ndeps =\n    pytest>=7\n    hypothesis\npassenv = A\n';
    const project = `${python['pyproject.toml']}[tool.pytest.ini_options]\naddopts = "--cov=words"\n`;
    expect(plan({ ...python, 'pyproject.toml': project, 'tox.ini': tox }).config).toMatchObject({
      setup: "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' pytest hypothesis",
      test: '.venv/bin/python -m pytest -v -p no:cacheprovider -o addopts= tests',
    });
  });

  it('a version that is asked of git, with the file that it is written to', () => {
    const scm = `${python['pyproject.toml']}[tool.hatch.build.hooks.vcs]\nversion-file = "src/words/_version.py"\n# hatch-vcs\n`;
    expect(plan({ ...python, 'pyproject.toml': scm }).config).toMatchObject({
      setup: expect.stringContaining('SETUPTOOLS_SCM_PRETEND_VERSION=') as string,
      provided: ['.venv', 'src/words/_version.py'],
    });
  });

  it('Go with modules, its own benchmark, and one that is written', () => {
    const go = {
      'go.mod': 'module m\n\nrequire x v1\n',
      'slug.go': 'package slug\n\nfunc Make(s, lang string) (slug string) {\n}\n',
      'slug_test.go': 'package slug\nfunc TestMake(t *testing.T) { Make("one two", "en") }\n',
    };
    const written = plan(go, ['go']);
    expect(written.config).toMatchObject({
      editable: ['slug.go'],
      provided: ['.gocache', 'vendor'],
      benchmark: { harness: 'go-bench' },
    });
    expect(written.files).toEqual([
      { path: 'karpathy_loop_bench_test.go', text: expect.stringContaining('check(Make(text, text))') as string },
    ]);
    const own = { ...go, 'slug_test.go': `${go['slug_test.go']}func BenchmarkMake(b *testing.B) {}\n` };
    expect(plan(own, ['go'])).toMatchObject({ files: [], count: '100', tools: ['go'] });
    const methods = { ...go, 'slug_test.go': 'package slug\nfunc TestMake(t *testing.T) { New(1).Make() }\n' };
    expect(plan(methods, ['go'])).toMatchObject({
      ...{ files: [], count: '20' },
      config: { benchmark: { command: './.tests/top.test -test.count=20', output: { pattern: '^(PASS)$' } } },
    });
  });

  it('Rust and a Makefile', () => {
    const rust = { 'Cargo.toml': '[package]\n', 'src/lib.rs': '', 'examples/bench.rs': '' };
    expect(plan(rust).config.benchmark.command).toBe('./target/release/examples/bench');
    const tested = { 'Cargo.toml': '[package]\n', 'src/lib.rs': '#[test]\nfn works() {}\n' };
    expect(plan(tested)).toMatchObject({
      ...{ files: [], count: '20' },
      config: {
        build: expect.stringContaining(' && cp $(find target/release/deps -type f -executable ') as string,
        benchmark: { command: expect.stringMatching(/^for round in \$\(seq 20\); .* cksum /) as string },
      },
    });
    const make = { Makefile: 'all:\n\tcc\ntest: all\n\t./t\nbench:\n\t./b\n', 'src/a.c': '' };
    expect(plan(make).config).toMatchObject({ build: 'make all', test: 'make test', editable: ['src/**'] });
  });

  it('Rust, with a program of the public functions of plain parameters that its tests call', () => {
    const planned = plan({
      'Cargo.toml': '[package]\nedition = "2021"\nname = "my-words"\n\n[lib]\npath = "src/lib.rs"\n',
      'src/lib.rs': `mod deep;
pub use deep::{first, other};
pub fn count(text: &str, other: &str, most: usize) -> usize { 0 }
pub fn unseen(text: &str) -> usize { 0 }
pub fn of_any<T: AsRef<str>>(text: T) -> usize { 0 }
pub fn parsed(text: &str) -> Result<Tree, Error> { todo!() }
fn private(text: &str) -> usize { 0 }
#[test]
fn works() {
    assert_eq!(count("one two", "two", 2) + of_any("x") + private("y") + first("three"), parsed("four"));
}
`,
      'src/deep.rs':
        'pub fn first(text: &str) -> Option<char> { None }\npub fn hidden(text: &str) -> bool { hidden("") }\n',
    });
    expect(planned.config.benchmark.command).toBe('./target/release/examples/bench_karpathy_loop 20');
    const [file] = planned.files;
    expect(file!.path).toBe('examples/bench_karpathy_loop.rs');
    expect(file!.text.match(/my_words::.*/g)).toEqual([
      'my_words::count(&text, &other, text.len() % 7 + 1));',
      'my_words::first(&text));',
    ]);
    expect(file!.text).toContain('&[\n    "one two",\n    "two",\n    "three",\n    "four",\n];');
  });

  it('never fails on any text of a manifest or a test', () => {
    const names = [
      'package.json',
      'pyproject.toml',
      'go.mod',
      'Cargo.toml',
      'src/lib.rs',
      'Makefile',
      'test/a.test.js',
      'test_a.py',
      'a_test.go',
      'a.go',
    ];
    const texts = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(fc.string(), fc.json(), fc.constantFrom(jsTest, 'parse("', "f('''")),
    );
    fc.assert(
      fc.property(texts, (some) => {
        expect(detect(facts(some), 's')).toHaveProperty('ok');
      }),
    );
  });
});

it('a run is made as long as a verdict needs, and no longer', () => {
  const facts = { startUp: { cpuMs: 40 }, metric: 5, unit: 'ns' };
  expect(workCount({ ...facts, cpuMs: 340 }, 20)).toBeNull();
  expect(workCount({ ...facts, cpuMs: 60 }, 20)).toBe(400);
  expect(workCount({ ...facts, cpuMs: 8_040 }, 20)).toBe(1);
  expect(workCount({ ...facts, cpuMs: 340, unit: 'ms', metric: 10 }, 20)).toBe(800);
});
