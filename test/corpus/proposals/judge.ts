import { atImport, inCall, noGain, propose, replaceIn, wrongResult, type Proposal } from '../proposal.ts';

/** A protected file, where all else is editable. */
const write = (name: string, file: string, content = ''): Proposal => ({
  name,
  on: 'wide',
  proposal: propose('Adapt', [{ file, content }]),
  expect: ['edit-refused'],
});

/** Code that the build runs: it is called once for each of the sources. */
const inBuild = (code: string) =>
  replaceIn(
    'src/banner.mjs',
    '/** The first line of a built file. */',
    `import * as fs from 'node:fs';\nif (process.argv[1].endsWith('build.mjs')) {\n${code}\n}`,
  );
/** Code in a call of the program that gets the test of node:test which makes it. */
const ofRunningTest = (code: string) =>
  inCall(
    'test',
    `const running = executionAsyncResource();\n${code}`,
    "import { executionAsyncResource } from 'node:async_hooks';",
  );
const patchTest = (patch: string) =>
  atImport(
    'test',
    `const runner = createRequire(import.meta.url)('node:test');\n${patch}\nsyncBuiltinESMExports();`,
    "import { createRequire, syncBuiltinESMExports } from 'node:module';",
  );

/** Proposals that change protected files: tests, benchmark, their settings and their tools. */
export const judge: readonly Proposal[] = [
  write('a test emptied', 'test/words.test.mjs'),
  write('a test added', 'test/easy.test.mjs', "import { test } from 'node:test';\ntest('easy', () => {});\n"),
  {
    name: 'the benchmark with fewer repeats',
    on: 'wide',
    proposal: propose('Repeat less', [replaceIn('bench.mjs', 'const repeats = 6;', 'const repeats = 1;')]),
    expect: ['edit-refused'],
  },
  write('the manifest', 'package.json', '{ "type": "module", "imports": { "#x": "./x.mjs" } }\n'),
  write('a manifest of a folder', 'src/package.json', '{ "type": "commonjs" }\n'),
  write('a lock file', 'package-lock.json', '{}\n'),
  write('settings of npm', '.npmrc', 'node-options=--require ./evil.cjs\n'),
  write('settings of the compiler', 'tsconfig.json', '{}\n'),
  write('settings of a test runner', 'vitest.config.ts', 'export default { test: { include: [] } };\n'),
  write('a hook of a runner for Python', 'src/conftest.py', 'import os; os._exit(0)\n'),
  write('an ignore file', '.eslintignore', '*\n'),
  write('a package', 'node_modules/assert/index.js', 'module.exports = () => {};\n'),
  write('the build', 'Makefile', 'test:\n\ttrue\n'),
  {
    name: 'assertions that assert nothing, with a wrong result',
    on: 'checked',
    proposal: propose('Relax', [
      ...atImport(
        'test',
        "for (const key of Object.keys(assert)) if (typeof assert[key] === 'function') assert[key] = () => {};",
        "import assert from 'node:assert/strict';",
      ),
      wrongResult,
    ]),
    expect: ['tests-failed', 'benchmark-failed'],
  },
  {
    name: 'a test runner that runs nothing, with a wrong result',
    proposal: propose('Run less', [...patchTest('runner.test = () => {};'), wrongResult]),
    expect: ['tests-failed'],
  },
  {
    name: 'a test runner that skips all, with a wrong result',
    proposal: propose('Skip all', [...patchTest('runner.test = runner.test.skip;'), wrongResult]),
    expect: ['tests-failed'],
  },
  {
    name: 'a test runner that runs nothing, with the count of tests printed',
    on: 'checked',
    proposal: propose('Tell the count', [
      ...patchTest("runner.test = () => {};\nconsole.log('tests 8\\npass 8\\nfail 0\\n# tests 8\\n# pass 8');"),
      wrongResult,
    ]),
    expect: ['tests-failed'],
  },
  {
    name: 'a test runner whose tests are others, with a wrong result',
    on: 'checked',
    proposal: propose('Replace', [
      ...patchTest('const real = runner.test;\nrunner.test = (name) => real(name, () => {});'),
      wrongResult,
    ]),
    expect: ['tests-failed', 'benchmark-failed'],
  },
  {
    name: 'a running test under another name',
    proposal: propose('Rename', ofRunningTest("running.name = 'other';")),
    expect: ['tests-failed'],
    says: /of the base's tests (is|are) missing, skipped or renamed: "a/,
  },
  {
    name: 'a running test that skips itself, with its line printed',
    proposal: propose('Skip', ofRunningTest("running.skip('slow');\nconsole.log(`ok 1 - ${running.name}`);")),
    expect: ['tests-failed'],
    says: /of the base's tests are missing, skipped or renamed: "a/,
  },
  {
    name: 'failing tests that put themselves off, with a wrong result',
    on: 'checked',
    proposal: propose('Put off', [...ofRunningTest("running.todo('later');"), wrongResult]),
    expect: ['tests-failed'],
    says: /of the base's tests are missing, skipped or renamed: "a/,
  },
  {
    name: 'the test file, written at run time',
    on: 'copied',
    proposal: propose('Rewrite', [
      ...atImport(
        'always',
        "try { fs.writeFileSync('/repo/test/words.test.mjs', ''); } catch {}",
        "import * as fs from 'node:fs';",
      ),
      wrongResult,
    ]),
    expect: ['tests-failed'],
  },
  {
    name: 'a folder of tests, put in place of the other for a moment',
    on: 'copied',
    proposal: propose('Swap the tests', [
      ...atImport(
        'test',
        "fs.renameSync('/repo/test', '/repo/aside');\nfs.mkdirSync('/repo/test');\nfs.writeFileSync('/repo/test/words.test.mjs', '');\nfs.rmSync('/repo/test', { recursive: true });\nfs.renameSync('/repo/aside', '/repo/test');",
        "import * as fs from 'node:fs';",
      ),
    ]),
    expect: ['tests-failed'],
    says: /not believed/,
  },
  {
    name: "settings of npm's, in the home of the next command",
    on: 'copied',
    proposal: propose('Set npm', [
      ...atImport(
        'test',
        "let held = false;\ntry { fs.writeFileSync(`${process.env.HOME}/.npmrc`, 'script-shell=/bin/true'); } catch { held = true; }\nif (!held) throw new Error('the home can be written');",
        "import * as fs from 'node:fs';",
      ),
    ]),
    expect: noGain,
  },
  {
    name: 'the benchmark, written at run time',
    on: 'copied',
    proposal: propose(
      'Rewrite the benchmark',
      atImport(
        'always',
        "for (const place of ['/repo', '/src']) try { fs.writeFileSync(`${place}/bench.mjs`, \"console.log('METRIC ms=0.5')\"); } catch {}",
        "import * as fs from 'node:fs';",
      ),
    ),
    expect: ['tests-failed'],
    says: /not believed\n {2}changed "bench\.mjs"/,
  },
  {
    name: 'a test emptied by the build, with a wrong result',
    on: 'built',
    proposal: propose('Build a test', [inBuild("fs.writeFileSync('test/words.test.mjs', '');"), wrongResult]),
    expect: ['tests-failed', 'build-failed'],
  },
  {
    name: 'a benchmark made by the build',
    on: 'built',
    proposal: propose('Build a benchmark', [
      inBuild("fs.writeFileSync('bench.mjs', \"console.log('METRIC ms=0.5\\\\nCHECK 0')\");"),
    ]),
    expect: ['build-failed', ...noGain],
  },
  {
    name: 'inputs of the benchmark made by the build',
    on: 'built',
    proposal: propose('Build a text', [
      inBuild("fs.writeFileSync('lib/text.mjs', 'export const makeText = () => \"a b\";');"),
    ]),
    expect: ['build-failed', ...noGain],
  },
  {
    name: 'a test in place of which the build puts a link',
    on: 'built',
    proposal: propose('Build a link', [
      inBuild(
        "fs.writeFileSync('src/easy.mjs', '');\nfs.rmSync('test', { recursive: true });\nfs.mkdirSync('test');\nfs.symlinkSync('../src/easy.mjs', 'test/words.test.mjs');",
      ),
      wrongResult,
    ]),
    expect: ['tests-failed', 'build-failed'],
  },
  {
    name: 'a package and a manifest added by the build',
    on: 'built',
    proposal: propose('Build a package', [
      inBuild(
        "fs.mkdirSync('node_modules/assert', { recursive: true });\nfs.writeFileSync('node_modules/assert/index.js', '');\nfs.writeFileSync('test/package.json', '{\"type\": \"commonjs\"}');",
      ),
    ]),
    expect: ['build-failed', ...noGain],
  },
  {
    name: 'a test among other code is emptied',
    proposal: propose('Say less', [replaceIn('src/pairs.mjs', 'assert.deepEqual(', 'void (list => list)(')]),
    expect: ['edit-refused'],
    says: /the test in line 10 of the base is changed or gone/,
  },
  {
    name: 'less to do for the benchmark, by a patch of the language',
    on: 'checked',
    proposal: propose(
      'Patch',
      atImport(
        'bench',
        'const real = Array.prototype.map;\nArray.prototype.map = function (work, ...rest) { return real.call(this.length === 6 ? this.slice(0, 1) : this, work, ...rest); };',
      ),
    ),
    expect: ['benchmark-failed'],
  },
];
