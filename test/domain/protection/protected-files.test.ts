import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../adapters/glob.ts';
import {
  editableProblems,
  protectedFilesOf,
  packageScripts,
  type ProtectionConfig,
} from '../../../domain/protection/protected-files.ts';
import { protectedKind } from '../../../domain/protection/protected-kinds.ts';
import { shadows, importableNames } from '../../../domain/protection/readers/shadow.ts';

const metric = { pattern: '^METRIC ms=([0-9.]+)$' };
const benchmark = {
  command: 'node bench.mjs',
  metric,
  unit: 'ms',
  better: 'lower',
  noise: 'measured',
  clock: 'cpu',
} as const;
const config = (part: Partial<ProtectionConfig> = {}): ProtectionConfig => ({
  editable: ['**'],
  test: 'node test.mjs',
  benchmark,
  sideMetrics: [],
  ...part,
});
const protect = (part: Partial<ProtectionConfig> = {}, scripts: Record<string, string> = {}) =>
  protectedFilesOf(config(part), { matches: matchesGlob, scripts });

describe('protectedKind', () => {
  it.each([
    ...[
      'test/a.js',
      'src/__tests__/x.js',
      'Tests/x.cs',
      'spec/x.rb',
      'a/e2e/b.ts',
      'src/a.test.mjs',
      'a.spec.ts',
      'test.mjs',
      'tests.py',
      'test_x.py',
    ],
    ...[
      'pkg/x_test.go',
      'conftest.py',
      'src/XTest.java',
      'a/__snapshots__/x.snap',
      'testdata/in.txt',
      'jest.setup.js',
      'setupTests.ts',
      'e2e.mjs',
    ],
    ...[
      'bench/x.js',
      'benches/x.rs',
      'benchmarks/x.py',
      'bench.mjs',
      'Benchmark.py',
      'a/sort.bench.ts',
      'sort_bench.py',
      'bench_sort.c',
      'benchmark.test.js',
    ],
    ...[
      'package.json',
      'sub/package.json',
      'PACKAGE.JSON',
      'package-lock.json',
      'yarn.lock',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      'bun.lockb',
      'bun.lock',
    ],
    ...[
      'Cargo.toml',
      'Cargo.lock',
      'build.rs',
      'go.mod',
      'go.sum',
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
      'requirements-dev.txt',
      'Pipfile.lock',
      'uv.lock',
    ],
    ...[
      'Gemfile',
      'composer.json',
      'pom.xml',
      'build.gradle.kts',
      'CMakeLists.txt',
      'Makefile',
      'GNUmakefile',
      'rules.mk',
      'x.csproj',
      'Dockerfile',
    ],
    ...[
      'tsconfig.build.json',
      'webpack.config.js',
      'vitest.workspace.ts',
      '.mocharc.yml',
      '.npmrc',
      '.babelrc',
      'pytest.ini',
      'pytest.toml',
      'tox.ini',
      '.editorconfig',
    ],
    ...[
      '.gitignore',
      'src/.gitattributes',
      '.gitmodules',
      '.GIT/config',
      '.npmignore',
      '.github/x.yml',
      '.cargo/config.toml',
      '.vscode/x',
      '.env',
    ],
    ...[
      'node_modules/a/index.js',
      'src/node_modules/b.js',
      'a/__pycache__/x.pyc',
      '.venv/x',
      'lib/site-packages/x.py',
      'x.pth',
      'sitecustomize.py',
    ],
    ...[
      'vendor/autoload.php',
      'src/test-more.mjs',
      't/basic.t',
      'lib/x.t',
      'unit-tests/a.js',
      'integration_test/b.dart',
      'test_utils/c.py',
      'app-spec/d.rb',
    ],
    ...[
      'cypress/support/a.js',
      'lib/spec_helper.rb',
      'deno.lock',
      'conda.lockfile',
      'gradle/libs.versions.toml',
      'pubspec.yaml',
      'Podfile',
      'conanfile.py',
    ],
    ...[
      'wscript',
      'premake5.lua',
      'xmake.lua',
      'cpanfile',
      'deps.edn',
      'Project.toml',
      'uv.toml',
      'poetry.toml',
      'hatch.toml',
      'cabal.project',
      'dune-project',
    ],
    ...['build.sc', 'Snakefile', 'cabal.project.freeze'],
  ])('keeps %s from the base', (path) => expect(protectedKind(path)).not.toBeNull());

  it.each([
    ...[
      'src/total.mjs',
      'lib/benchmark-utils.js',
      'src/testing.js',
      'src/latest.js',
      'src/config.js',
      'src/contest.py',
      'src/Latest.java',
      'src/attest.rs',
    ],
    ...[
      'src/specification.ts',
      'src/workbench/x.js',
      'src/package.py',
      'src/makefile-parser.js',
      'src/index.js',
      'src/tester/run.py',
      'src/vendor/lib.js',
    ],
    ...[
      'src/build.js',
      'lib/lock.js',
      'README.md',
      'src/jester.js',
      'src/spectrum.c',
      'src/gitlab.py',
      'src/requirements.py',
      'main.go',
      'src/lib.rs',
    ],
    ...['testing/testing.go', 'src/locker.js', 'src/contests/a.js', 'src/inspector/a.js', 'src/uv.py', 'src/a.ts'],
  ])('leaves %s to "editable"', (path) => expect(protectedKind(path)).toBeNull());
});

describe('protectedFilesOf', () => {
  it('lets no candidate change what the commands run, and lets it change what a compiler or a measurement is given', () => {
    const { protection, isEditable } = protect({
      setup: 'cd tools && sh ./fetch.sh data/list.csv',
      build: 'gcc -O2 src/sum.c -o sum && node scripts/make src/index.js',
      test: 'FOO=1 timeout 10 node --import ./hooks/pre.mjs checks/run && python3 -m checks.more && node --test verify/*.mjs',
      benchmark: {
        ...benchmark,
        command: 'npx tsx perf/measure.ts input/words.txt src/index.ts "$(cat src/total.mjs)"',
      },
      sideMetrics: [
        { name: 'size', command: 'wc -c < src/index.ts', metric, better: 'lower', noise: 'exact', worstAllowed: 0.1 },
      ],
    });
    const named = [
      'tools/fetch.sh',
      'tools/data/list.csv',
      'scripts/make.js',
      'hooks/pre.mjs',
      'checks/run.js',
      'checks/run/index.mjs',
      'checks/more.py',
      'verify/a.mjs',
    ];
    for (const path of [...named, 'perf/measure.ts', 'input/words.txt', 'src/index.js', 'src/index.ts'])
      expect(protection(path), path).toBe("named by the loop's commands");
    for (const path of ['src/sum.c', 'src/total.mjs', 'src/other.js']) expect(isEditable(path), path).toBe(true);
  });

  it('lets no candidate change what reads the number out of an answer', () => {
    const read = { ...benchmark, command: 'cat src/words.py', reader: 'node src/read.mjs' };
    const { isEditable } = protect({ benchmark: read });
    expect(['src/read.mjs', 'src/words.py'].map(isEditable)).toEqual([false, true]);
  });

  it("follows the base's package scripts, wherever they lead", () => {
    const scripts = packageScripts(
      JSON.stringify({
        scripts: {
          pretest: 'node gen.js',
          test: 'npm run unit -- --quick',
          unit: 'node ./checks/all.js',
          x: 'node src/x.js',
          odd: 7,
        },
      }),
    );
    const { protection } = protect({ test: 'npm test', benchmark: { ...benchmark, command: 'yarn -s unit' } }, scripts);
    expect(protection('gen.js')).not.toBeNull();
    expect(protection('checks/all.js')).not.toBeNull();
    expect(protection('src/x.js')).toBeNull();
    expect([
      packageScripts('{'),
      packageScripts(null),
      packageScripts('{"scripts":[]}'),
      packageScripts('null'),
    ]).toEqual([{}, {}, {}, {}]);
  });

  it('lets the program that is timed from outside be improved if it is listed by name, and never one that prints its own metric', () => {
    const timed = { ...benchmark, command: 'python3 app.py', metric: undefined };
    expect(protect({ editable: ['app.py'], benchmark: timed }).isEditable('app.py')).toBe(true);
    expect(protect({ editable: ['*.py'], benchmark: timed }).isEditable('app.py')).toBe(false);
    expect(protect({ editable: ['app.py'], benchmark: { ...timed, metric } }).isEditable('app.py')).toBe(false);
  });

  it('follows the scripts of other packages where a command goes to them', () => {
    const packages = { 'apps/x': { perf: 'node perf.mjs' } };
    const isPerfEditable = (command: string) =>
      protectedFilesOf(config({ benchmark: { ...benchmark, command } }), { matches: matchesGlob, packages }).isEditable(
        'apps/x/perf.mjs',
      );
    for (const command of [
      'npm --prefix apps/x run perf',
      'npm -w x run perf',
      'cd apps/x && npm run perf',
      'yarn --cwd apps/x perf',
      'pnpm -C apps/x perf',
    ])
      expect(isPerfEditable(command), command).toBe(false);
    expect(isPerfEditable('npm run perf')).toBe(true);
  });

  it('takes a glob that begins with "!" as an exclusion, never as everything else', () => {
    const { isEditable } = protect({ editable: ['src/**', '!src/fixed.js'] });
    expect([isEditable('src/a.js'), isEditable('src/fixed.js'), isEditable('other.js')]).toEqual([true, false, false]);
  });

  it('says of each glob whether it leaves anything to change', () => {
    const files = ['src/a.mjs', 'test.mjs', 'test/b.mjs', 'run.mjs', 'link'].map((path) => ({
      path,
      mode: path === 'link' ? '120000' : '100644',
    }));
    const problems = (editable: string[]) => {
      const facts = { matches: matchesGlob };
      return editableProblems(
        files,
        editable,
        protectedFilesOf(config({ editable, benchmark: { ...benchmark, command: 'node run.mjs' } }), facts),
        facts,
      );
    };
    expect(problems(['src/**', '**'])).toEqual([]);
    expect(problems(['src/** '])).toEqual(['editable: "src/** " matches no file of the base; write "src/**"']);
    expect(problems(['SRC/**'])).toEqual([expect.stringMatching(/; src\/a\.mjs has other letters, large or small$/)]);
    expect(problems(['src/**, lib/**'])).toEqual([expect.stringMatching(/; give each glob as a text of its own$/)]);
    expect(problems(['link/**'])).toEqual([expect.stringMatching(/; link is a link, so give the place that it leads/)]);
    expect(problems(['src/'])).toEqual(['editable: "src/" matches no file of the base; write "src/**"']);
    expect(problems(['lib/**', 'test.mjs', 'test/**', 'run.mjs', 'src/a.mjs'])).toEqual([
      'editable: "lib/**" matches no file of the base; correct the glob',
      expect.stringMatching(
        /^editable: "test\.mjs" matches only what always comes from the base \(test\.mjs: a test\)/,
      ),
      expect.stringMatching(/^editable: "test\/\*\*" .*\(test\/b\.mjs: a test\)/),
      expect.stringMatching(/^editable: "run\.mjs" .*\(run\.mjs: named by the loop's commands\)/),
    ]);
    expect(problems(['!src/**'])).toHaveLength(1);
    expect(problems(['src/**', '!src/a.mjs'])).toEqual([
      'editable: leaves no file of the base to change; correct the globs',
    ]);
  });

  it('never throws on a command, and never calls a judge editable', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (command, path) => {
        const { isEditable, protection } = protect({ test: command, build: command }, { test: command });
        return !(isEditable(path) && protection(path) !== null);
      }),
    );
  });
});

describe('shadows', () => {
  const judged = [
    'test.mjs',
    'lib/check.js',
    'tools/index.ts',
    'pkg/__init__.py',
    'pkg/core.py',
    'fast/package.json',
    'src/types.d.ts',
    'data.json',
    'native.py',
  ];
  const importable = importableNames(judged);

  it.each([
    ...[
      'test.ts',
      'test',
      'lib/check.ts',
      'lib/check.mjs',
      'lib/check',
      'lib/Check.js',
      'lib/check/index.js',
      'lib/check/__init__.py',
      'lib/check/package.json',
    ],
    ...[
      'tools.js',
      'tools.ts',
      'tools/index.js',
      'pkg.py',
      'pkg.so',
      'pkg/core.cpython-311-x86_64-linux-gnu.so',
      'pkg/core.pyc',
      'pkg/core/__init__.py',
    ],
    ...['fast.js', 'src/types.ts', 'data.js', 'native.pyd'],
  ])('sees what %s would be taken for', (path) => expect(shadows(path, importable)).not.toBeNull());

  it.each([
    'src/total2.mjs',
    'lib/checks.js',
    'src/check.js',
    'pkg/other.py',
    'src/speed.py',
    'src/index.js',
    'README.md',
    'tests.md',
    'numpy/core.txt',
  ])('has nothing against %s', (path) => expect(shadows(path, importable)).toBeNull());

  it('finds every other ending of any judge, and no name that no judge can be asked for by', () => {
    const stem = fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `q${name}`);
    const ending = fc.constantFrom('js', 'mjs', 'cjs', 'ts', 'tsx', 'json', 'py', 'pyc');
    fc.assert(
      fc.property(stem, stem, ending, ending, (judge, other, a, b) => {
        const one = importableNames([`src/${judge}.${a}`]);
        if (a !== b) expect(shadows(`src/${judge}.${b}`, one)).not.toBeNull();
        expect(shadows(`src/${judge}/index.${b}`, one)).not.toBeNull();
        if (judge !== other) expect(shadows(`src/${other}.${b}`, one)).toBeNull();
      }),
    );
  });
});
