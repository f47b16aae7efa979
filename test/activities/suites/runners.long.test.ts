import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import { countTests, namingAdvice } from '../../../domain/protection/test-count.ts';
import { namesAll, passedTests } from '../../../domain/protection/test-names.ts';

const files = {
  'node.test.mjs':
    "import test from 'node:test';\ntest('one', () => {});\ntest('two', (t) => t.test('three', () => {}));\ntest.skip('four', () => {});\n",
  'in.vitest.js':
    "import { describe, it } from 'vitest';\ndescribe('sums', () => { it('one', () => {}); it('two', () => {}); it.skip('three', () => {}); });\n",
  'vitest.config.mjs': "export default { test: { include: ['*.vitest.js'] } };\n",
  'test_words.py':
    'import unittest\nclass Sums(unittest.TestCase):\n    def test_one(self):\n        "Of one."\n    def test_two(self): pass\n    @unittest.skip("no")\n    def test_three(self): pass\n',
  'go.mod': 'module example.org/sums\n\ngo 1.20\n',
  'sums_test.go':
    'package sums\n\nimport "testing"\n\nfunc TestOne(t *testing.T) { t.Run("two", func(t *testing.T) {}) }\nfunc TestThree(t *testing.T) { t.Skip() }\n',
  'Cargo.toml': '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
  'src/lib.rs':
    '/// ```\n/// assert!(true);\n/// ```\npub fn two() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() {}\n    #[test]\n    #[ignore]\n    fn three() {}\n}\n',
};

const vitest = 'node_modules/.bin/vitest run --reporter=';
const python = 'python3 -m unittest test_words';
/** Null where the runner says how many tests passed, and not which. */
const runs: [command: string, names: string[] | null][] = [
  ['node --test --test-reporter=spec node.test.mjs', ['one', 'three', 'two']],
  ['node --test --test-reporter=tap node.test.mjs', ['one', 'three', 'two']],
  [`${vitest}verbose`, ['in.vitest.js > sums > one', 'in.vitest.js > sums > two']],
  [`${vitest}default`, null],
  [`${vitest}dot`, null],
  [`${python} -v`, ['test_one (test_words.Sums.test_one)', 'test_two (test_words.Sums.test_two)']],
  [python, null],
  ['pytest -p no:cacheprovider -v test_words.py', ['test_words.py::Sums::test_one', 'test_words.py::Sums::test_two']],
  ['pytest -p no:cacheprovider -rA test_words.py', ['test_words.py::Sums::test_one', 'test_words.py::Sums::test_two']],
  ['pytest -p no:cacheprovider test_words.py', null],
  ['go test -v ./...', ['TestOne', 'TestOne/two']],
  ['go test -json ./...', ['example.org/sums TestOne', 'example.org/sums TestOne/two']],
  ['go test ./...', null],
  ['cargo test', ['src/lib.rs - two', 'tests::one']],
  ['cargo test --quiet', null],
];

describe('names of tests, as the runners of this machine print them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'karpathy-loop-runners-'));
  beforeAll(() => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
    symlinkSync(modules, join(directory, 'node_modules'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const isHere = ([command]: (typeof runs)[number]) => /^node/.test(command) || findOnPath(command.split(' ')[0]!);
  it.each(runs.filter(isHere))('%s', async (command, names) => {
    // Vitest marks the processes that it starts, and others look at the mark.
    const env = { ...process.env, VITEST: undefined, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1' };
    const options = { cwd: directory, env, extendEnv: false, stdin: 'ignore' } as const;
    const { stdout, stderr } = await execa('sh', ['-c', command], options);
    const output = `${stdout}\n${stderr}`;
    const passed = passedTests(output);
    const counted = countTests(output)!.passed;
    expect(namesAll(passed, counted), output).toBe(names !== null);
    if (names) expect(passed.map(([name]) => name).sort()).toEqual(names);
    else expect(namingAdvice(output)).toMatch(/^run /);
  });
});
