import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Hypothesis } from '../../../domain/proposal/hypothesis.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';
import { proposals } from '../../support/repository/target.ts';
import { toLine } from '../../../domain/text.ts';

const hasSandbox = findOnPath('bwrap') !== null;

/** Tests that go through what the program says there is to test, in the way of node:test. */
const listed = {
  'src/names.mjs': "export const names = ['a', 'b', 'c'];\n",
  'listed.test.mjs':
    "import assert from 'node:assert';\nimport test from 'node:test';\nimport { names } from './src/names.mjs';\nfor (const name of names) test(name, () => assert.ok(name));\n",
};
const testCommand = 'node --test --test-reporter=spec listed.test.mjs';

/** A name that holds an option of the test. */
const skipping = "export const names = ['a', { name: 'b', skip: true }, 'c'];\n";
const missing = (names: string) => {
  const count = names.split(', ').length;
  return `test: ${count} of the base's tests ${count === 1 ? 'is' : 'are'} missing, skipped or renamed: ${names}`;
};

const rewrite = (content: string): Hypothesis => ({
  title: toLine('Name otherwise'),
  edits: [{ file: 'src/names.mjs', content }],
});

describe.skipIf(!hasSandbox)('the test step (bring the sandbox with: node scripts/setup.mjs)', () => {
  let on: StepsOnTarget;
  afterEach(() => on.remove());

  it('passes the tests of the base, and more', async () => {
    on = await stepsOnTarget({ files: listed });
    const prepared = await on.prepare({ test: testCommand });
    const testNames = ['a', 'b', 'c'].map((name) => [name, 1]);
    expect(await on.facts(prepared)).toMatchObject({ tests: { passed: 3, reports: 1 }, testNames, naming: null });
    expect(await on.test(prepared, rewrite("export const names = ['more', 'c', 'b', 'a'];\n"))).toMatchObject({
      kind: 'passed',
    });
  });

  it.each([
    ['in which fewer tests run', "export const names = ['a', 'b'];\n", missing('"c"')],
    ['in which tests have other names', "export const names = ['a', 'y', 'z', 'c\\nb'];\n", missing('"b", "c"')],
    ['in which tests are skipped', skipping, missing('"b"')],
    [
      'that prints the names of skipped tests',
      `${skipping}console.log('✔ b (0.1ms)');\n`,
      'test: 2 tests ran and passed, on the base 3',
    ],
    [
      'that makes up for it by a report of its own',
      "console.error('ℹ pass 3\\n✔ c (0.1ms)');\nexport const names = ['a', 'b'];\n",
      "test: the output reports more test runs than the base's (2, on the base 1)",
    ],
  ])('fails a candidate %s', async (_, content, detail) => {
    on = await stepsOnTarget({ files: listed });
    const prepared = await on.prepare({ test: testCommand });
    expect(await on.test(prepared, rewrite(content))).toMatchObject({ kind: 'failed', reason: 'tests-failed', detail });
  });

  it('fails a candidate that ends at once with success, and prints the report of the tests itself', async () => {
    on = await stepsOnTarget({ files: listed });
    const prepared = await on.prepare({ test: 'node listed.test.mjs && echo done' });
    const ending = (lines: string) => rewrite(`${lines}\nprocess.exit(0);\nexport const names = [];\n`);
    expect(await on.test(prepared, ending(''))).toMatchObject({ reason: 'tests-failed' });
    expect(await on.test(prepared, ending("console.log('# pass 3\\n# pass 3\\n1..3\\n1..3\\n1..3');"))).toMatchObject({
      kind: 'failed',
      reason: 'tests-failed',
    });
  });

  it('fails a candidate whose run changes in its copy what the next command of the test is', async () => {
    const names = "import { readFileSync, writeFileSync } from 'node:fs';\nexport const names = ['a', 'b', 'c'];\n";
    on = await stepsOnTarget({
      files: { ...listed, 'more.test.mjs': "import './test.mjs';\n", 'src/names.mjs': names },
    });
    const writes = 'echo x >scratch.txt && echo y >>list.txt';
    await on.target.commit({ 'list.txt': 'x\n' }, 'List');
    const prepared = await on.prepare({ workspace: 'copy', test: `${testCommand} && ${writes} && node more.test.mjs` });
    const doing = (code: string) => rewrite(`${names}${code}\n`);
    expect(
      await on.test(prepared, doing("writeFileSync('list.txt', 'z'); writeFileSync('scratch.txt', 'z');")),
    ).toMatchObject({ kind: 'passed' });
    const attacks: [string, string][] = [
      ["writeFileSync('more.test.mjs', '');", 'changed "more.test.mjs" in its copy'],
      [
        "const text = readFileSync('test.mjs'); writeFileSync('test.mjs', ''); writeFileSync('test.mjs', text);",
        'changed "test.mjs" in its copy',
      ],
      ["writeFileSync('.npmrc', 'script-shell=/bin/true');", 'made ".npmrc" in its copy'],
    ];
    for (const [code, problem] of attacks)
      expect(await on.test(prepared, doing(code)), code).toMatchObject({
        reason: 'tests-failed',
        detail: expect.stringContaining(problem) as string,
      });
  });

  it('fails one that stops in the middle of tests whose number is not known', async () => {
    const checks =
      "import { total } from './src/total.mjs';\n(async () => {\n  await total([1]);\n  console.log(`3 things are right, ${Math.random()} ms`);\n})();\n";
    on = await stepsOnTarget({ files: { 'checks.mjs': checks } });
    const prepared = await on.prepare({ test: 'node checks.mjs' });
    expect(await on.facts(prepared)).toMatchObject({ tests: null, ending: '# things are right, # ms' });
    expect(await on.test(prepared, proposals.faster)).toMatchObject({ kind: 'passed' });
    const endless = {
      title: toLine('Wait'),
      edits: [{ file: 'src/total.mjs', content: 'export const total = () => new Promise(() => {});\n' }],
    };
    expect(await on.test(prepared, endless)).toMatchObject({
      reason: 'tests-failed',
      detail: expect.stringMatching(/ends otherwise than on the base/) as string,
    });
  });

  it('fails one that prints more reports than the base has', async () => {
    on = await stepsOnTarget({ files: listed });
    const prepared = await on.prepare({ test: 'node listed.test.mjs' });
    const twice = await on.test(prepared, rewrite("console.log('# pass 9');\nexport const names = ['a', 'b', 'c'];\n"));
    expect(twice).toMatchObject({
      reason: 'tests-failed',
      detail: expect.stringContaining("reports more test runs than the base's") as string,
    });
  });

  it('counts by a pattern of the loop', async () => {
    on = await stepsOnTarget({ files: listed });
    const test = `node -e "import('/repo/src/names.mjs').then(({ names }) => console.log('checked ' + names.length))"`;
    const prepared = await on.prepare({ test, testCount: { pattern: '^checked (\\d+)$' } });
    expect(await on.test(prepared, rewrite("export const names = ['a'];\n"))).toMatchObject({
      detail: 'test: 1 tests ran and passed, on the base 3',
    });
  });

  it('gives up on a pattern that would search for ever in what a candidate prints', async () => {
    on = await stepsOnTarget({ files: listed });
    const test = `node -e "import('/repo/src/names.mjs').then(({ names }) => console.log(names.join('')))"`;
    const prepared = await on.prepare({ test, testCount: { pattern: '^(?:[a-z]+)+(\\d*)$' } });
    const detail = expect.stringContaining('could not be searched for the number of tests within') as string;
    expect(await on.test(prepared, rewrite(`export const names = ['${'a'.repeat(40)}!'];\n`))).toMatchObject({
      reason: 'tests-failed',
      detail,
    });
  });

  describe('with unittest, which names its tests on standard error', () => {
    const words = (code: string): Hypothesis => ({
      title: toLine('Split otherwise'),
      edits: [{ file: 'src/words.py', content: `${code}\ndef split(text):\n    return text.split()\n` }],
    });
    const files = {
      'src/words.py': 'def split(text):\n    return text.split(" ")\n',
      'test_words.py':
        'import sys, unittest\nsys.path.insert(0, "src")\nfrom words import split\nclass Words(unittest.TestCase):\n    def test_one(self): self.assertEqual(split("a"), ["a"])\n    def test_two(self): self.assertEqual(split("a b"), ["a", "b"])\n',
    };
    const two = 'test_two (test_words.Words.test_two)';
    const attacks: [string, string, string][] = [
      ['that is called otherwise', 'import unittest\nunittest.TestCase.__str__ = lambda self: "other"\n', ''],
      [
        'of which another takes the place',
        `import unittest
unittest.TestLoader.getTestCaseNames = lambda self, case: ["test_one", "test_one"]
`,
        two,
      ],
    ];

    it.each(attacks)('fails a candidate for a test %s', async (_, code, names) => {
      on = await stepsOnTarget({ files });
      const prepared = await on.prepare({ test: 'python3 -B -m unittest -v test_words' });
      expect((await on.facts(prepared)).testNames).toHaveLength(2);
      expect(await on.test(prepared, words(''))).toMatchObject({ kind: 'passed' });
      const says = new RegExp(
        `of the base's tests (is|are) missing, skipped or renamed: .*${names.replace(/[()]/g, '\\$&')}`,
      );
      const detail = expect.stringMatching(says) as string;
      expect(await on.test(prepared, words(code))).toMatchObject({ reason: 'tests-failed', detail });
    });

    it('notes how the tests are made to be named, and counts them', async () => {
      on = await stepsOnTarget({ files });
      const prepared = await on.prepare({ test: 'python3 -B -m unittest test_words' });
      expect(prepared.notes).toContainEqual(expect.stringMatching(/^tests: .*; run unittest with -v$/));
      expect(await on.facts(prepared)).toMatchObject({ tests: { passed: 2 }, testNames: null });
    });
  });

  describe('with a guard', () => {
    const guard = [
      "import { total } from '/repo/src/total.mjs';",
      "const HELDOUT = 'seven and eight';",
      'if (total([7, 8]) !== 15) { console.error(HELDOUT, process.env.GUARD); process.exit(9); }',
      "console.log('  2 passing (1ms)');",
    ].join('\n');
    /** Passes the visible tests (sums of [1, 2, 3] and of nothing) and no other. */
    const memorised: Hypothesis = {
      title: toLine('Know the answer'),
      edits: [
        {
          file: 'src/total.mjs',
          search: 'let sum = 0;\n',
          replace: 'let sum = 0;\n  if (items.length === 3) return 6;\n  if (items.length === 2) return 0;\n',
        },
      ],
    };

    async function guarded(command: string): Promise<StepsOnTarget> {
      const made = await stepsOnTarget();
      const directory = join(made.data, 'held-out');
      mkdirSync(directory);
      writeFileSync(join(directory, 'guard.mjs'), guard);
      made.resources.settings.guards = { hidden: { directory, command } };
      return made;
    }

    it('fails a candidate that passes the visible tests alone, and says nothing but that', async () => {
      on = await guarded('node "$GUARD/guard.mjs"');
      const prepared = await on.prepare({ guard: 'hidden' });
      expect(await on.test(prepared, proposals.faster)).toMatchObject({ kind: 'passed' });
      const failed = {
        kind: 'failed',
        reason: 'guard-failed',
        detail: 'guard: the held-out tests failed',
        seconds: expect.any(Number) as number,
        waited: expect.any(Number) as number,
      };
      expect(await on.test(prepared, memorised)).toEqual(failed);
      const found = execFileSync('grep', ['-rl', 'seven and eight', on.data], { encoding: 'utf8' }).trim();
      expect(found).toBe(join(on.data, 'held-out', 'guard.mjs'));
      expect(await on.target.git('log', '--all', '--oneline', '-S', 'seven and eight')).toBe('');
    });

    it('holds the number of held-out tests to the base’s, without saying it', async () => {
      on = await guarded(
        'node "$GUARD/guard.mjs" && (grep -q "ROUNDS = 100;" src/total.mjs || echo "  2 passing (1ms)")',
      );
      const prepared = await on.prepare({ guard: 'hidden' });
      expect(await on.facts(prepared)).toMatchObject({ guardTests: { passed: 4, reports: 2 } });
      expect(await on.test(prepared, proposals.faster)).toMatchObject({
        reason: 'guard-failed',
        detail: 'guard: the held-out tests failed',
      });
    });

    it('holds the names of held-out tests to the base’s, without saying or keeping one', async () => {
      on = await guarded('node --test "$GUARD/names.test.mjs"');
      const names =
        "import test from 'node:test';\nimport * as it from '/repo/src/total.mjs';\nfor (const name of ['one', 'secret name']) test(it.named?.(name) ?? name, () => {});\n";
      writeFileSync(join(on.data, 'held-out', 'names.test.mjs'), names);
      const prepared = await on.prepare({ guard: 'hidden' });
      const digest = expect.stringMatching(/^[0-9a-f]{24}$/) as string;
      expect(await on.facts(prepared)).toMatchObject({
        guardTests: { passed: 2 },
        guardNames: [
          [digest, 1],
          [digest, 1],
        ],
      });
      expect(await on.test(prepared, proposals.faster)).toMatchObject({ kind: 'passed' });
      const edit = {
        file: 'src/total.mjs',
        search: '// Rounds',
        replace: "export const named = () => 'other';\n// Rounds",
      };
      expect(await on.test(prepared, { title: toLine('Rename'), edits: [edit] })).toMatchObject({
        reason: 'guard-failed',
        detail: 'guard: the held-out tests failed',
      });
      const found = execFileSync('grep', ['-rl', 'secret name', on.data], { encoding: 'utf8' }).trim();
      expect(found).toBe(join(on.data, 'held-out', 'names.test.mjs'));
    });

    it('says nothing of them where the run is broken from outside, either', async () => {
      on = await guarded('node "$GUARD/guard.mjs"');
      const prepared = await on.prepare({ guard: 'hidden' });
      const { sandbox } = on.resources;
      const broken = {
        status: 'sandbox-error',
        fault: 'transient',
        tail: 'AssertionError: held-out expects 42',
      } as const;
      on.resources.sandbox = {
        ...sandbox,
        run: async (request) => ({ ...(await sandbox.run(request)), ...(request.guard && broken) }),
      };
      await expect(on.test(prepared, proposals.faster)).rejects.toThrow(
        /^sandbox: could not run the command \(the guard\)$/,
      );
    });

    it('is shown to no run but its own', async () => {
      on = await guarded('node "$GUARD/guard.mjs"');
      const prepared = await on.prepare({ guard: 'hidden' });
      await on.test(prepared, proposals.faster);
      const others = on.runs.filter(({ command }) => !command.includes('guard.mjs'));
      expect(others.filter(({ guard: shown }) => shown !== undefined)).toEqual([]);
      await expect(
        on.prepare({ test: 'test ! -e /guard/guard.mjs && test -z "$GUARD"', guard: 'hidden' }, 'visible'),
      ).resolves.toMatchObject({
        loopId: 'visible',
      });
    });
  });
});
