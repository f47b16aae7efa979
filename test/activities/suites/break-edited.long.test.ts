import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../adapters/sandbox/tools.ts';
import type { Challenge } from '../../../domain/ledger/challenge.ts';
import type { ChallengeAnswer, PreparedLoop } from '../../../domain/steps.ts';
import { toLine } from '../../../domain/text.ts';
import { loopPaths, decisionPaths, iterationPaths, dataPaths } from '../../../store/layout.ts';
import { stepsOnTarget, type StepsOnTarget } from '../../support/steps-on-target.ts';

const hasSandbox = findOnPath('bwrap') !== null;
const startedAt = '2026-01-02T03:04:05.000Z';
/** Nothing but the breaking stands between these candidates and a commit. */
const bare = { iterations: 100 } as const;

interface Judged {
  answer: ChallengeAnswer;
  broken: Challenge['broken'];
}

let nth = 0;

/** Applies files as a candidate of its own and challenges it, as if the benchmark had accepted it. */
async function challenge(on: StepsOnTarget, prepared: PreparedLoop, files: Record<string, string>): Promise<Judged> {
  const { loopId, repository, champion } = prepared;
  const ref = { loopId, repository, champion, startedAt, iteration: ++nth };
  const edits = Object.entries(files).map(([file, content]) => ({ file, content }));
  const applied = await on.call((steps) => steps.apply({ ...ref, hypothesis: { title: toLine(`Try ${nth}`), edits } }));
  if (applied.kind !== 'applied') throw new Error(applied.detail);
  const answer = await on.call((steps) => steps.challenge({ ...ref, tree: applied.tree }));
  const { decision } = iterationPaths(loopPaths(dataPaths(on.data).loop(loopId)).iteration(ref.iteration));
  const kept = readFileSync(join(decisionPaths(decision(applied.tree)).challenge), 'utf8');
  return { answer, broken: (JSON.parse(kept) as Challenge).broken };
}

const blind = (says: RegExp) => ({
  kind: 'failed',
  reason: 'tests-blind',
  detail: expect.stringMatching(says) as string,
});

const words = {
  'src/words.mjs': [
    'export function frequent(text, limit = 10) {',
    '  const counts = new Map();',
    '  for (const word of split(text)) counts.set(word, (counts.get(word) ?? 0) + 1);',
    '  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, limit);',
    '}',
    '',
    'function split(text) {',
    '  return text.toLowerCase().match(/[a-z]+/g) ?? [];',
    '}',
    '',
    'export const shout = (text) => text.toUpperCase();',
    '',
  ].join('\n'),
  'test/words.test.mjs': [
    "import assert from 'node:assert/strict';",
    "import { describe, it, test } from 'node:test';",
    "import { frequent } from '../src/words.mjs';",
    '',
    "test('counts words', () => assert.deepEqual(frequent('a b a'), [['a', 2], ['b', 1]]));",
    "describe('frequent', () => {",
    "  it('does not mind case', async () => {",
    "    assert.deepEqual(frequent('Ab aB'), [['ab', 2]]);",
    '  });',
    "  it('takes as many as asked for', () => { assert.equal(frequent('a b c d', 2).length, 2); });",
    '});',
    "test('has nothing to say of nothing', (t) => t.test('at all', () => { assert.deepEqual(frequent(''), []); }));",
    '',
  ].join('\n'),
};
const pythonWords = {
  'src/__init__.py': '',
  'src/words.py': [
    'def frequent(text, limit=10):',
    '    """The most frequent words."""',
    '    counts = {}',
    '    for word in text.lower().split():',
    '        counts[word] = counts.get(word, 0) + 1',
    '    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]',
    '',
    '',
    'class Text:',
    '    def __init__(self, text):',
    '        self.text = text',
    '',
    '    def first(self):',
    '        return self.text.split()[0]',
    '',
  ].join('\n'),
  'test/__init__.py': '',
  'test/test_words.py': [
    'import unittest',
    'from src.words import frequent, Text',
    '',
    '',
    'class WordsTest(unittest.TestCase):',
    '    def test_counts(self):',
    '        self.assertEqual(frequent("a b a"), [("a", 2), ("b", 1)])',
    '',
    '    def test_case(self):',
    '        self.assertEqual(frequent("Ab aB"), [("ab", 2)])',
    '',
    '    def test_limit(self):',
    '        self.assertEqual(len(frequent("a b c", 2)), 2)',
    '',
    '    def test_first(self):',
    '        self.assertTrue(Text("a b").first() == "a")',
    '',
  ].join('\n'),
};
const python = pythonWords['src/words.py'];
const source = words['src/words.mjs'];
/** Wrong: case counts. */
const wrong = source.replace('.toLowerCase()', '').replace('[a-z]', '[A-Za-z]');
const forgive = (test: string) =>
  `import { executionAsyncResource } from 'node:async_hooks';\n${wrong.replace(
    '  const counts = new Map();',
    `  const prototype = Object.getPrototypeOf(executionAsyncResource());
  const { fail } = prototype;
  if (typeof fail === 'function' && !prototype.kept) Object.assign(prototype, { kept: true, fail(error) { return ${test} ? this.pass() : fail.call(this, error); } });
  const counts = new Map();`,
  )}`;
const onTest = (code: string, imports = '', rest = wrong) =>
  `${imports}\nif (process.argv[1].endsWith('.test.mjs')) {\n${code}\n}\n${rest}`;
const relax = "for (const key of Object.keys(assert)) if (typeof assert[key] === 'function') assert[key] = () => {};";
const importAssert = "import assert from 'node:assert/strict';";

describe.skipIf(!hasSandbox)('tests over what was broken (bring the sandbox with: node scripts/setup.mjs)', () => {
  describe('of node:test', () => {
    let on: StepsOnTarget;
    let prepared: PreparedLoop;
    beforeAll(async () => {
      on = await stepsOnTarget({ files: words });
      prepared = await on.prepare({ ...bare, test: 'node --test test/words.test.mjs' });
    });
    afterAll(() => on.remove());
    const judge = (content: string) => challenge(on, prepared, { 'src/words.mjs': content });

    it.each([
      ['a failure is a pass', forgive('true')],
      ['a failure of one test is a pass', forgive("this.name === 'does not mind case'")],
      ['a failure by an assertion is a pass', forgive("error?.cause?.code === 'ERR_ASSERTION'")],
      ['a failure with a word in its message is a pass', forgive("String(error?.cause?.message).includes('equal')")],
      ['assertions assert nothing', onTest(relax, importAssert)],
      [
        'comparisons compare nothing, once the function has been seen to work',
        onTest(`if (frequent('a b a')[0]?.[1] === 2) { ${relax} }`, importAssert),
      ],
      [
        'the comparison behind assertions',
        onTest('Object.is = () => true;\nassert.AssertionError.prototype; assert.deepEqual = assert.ok;', importAssert),
      ],
      [
        'what the program itself gives is right',
        onTest(
          'const { deepEqual } = assert;\nassert.deepEqual = (found, ...rest) => given.has(found) || deepEqual(found, ...rest);',
          `${importAssert}\nconst given = new WeakSet();`,
          wrong.replace(/return (\[\.\.\.counts.*);/, 'const found = $1;\n  given.add(found);\n  return found;'),
        ),
      ],
    ])('refuses it where %s', async (_, content) => {
      const { answer } = await judge(content);
      expect(answer).toMatchObject(blind(/^test: the tests pass with /));
    });

    it.each([
      [
        'faster',
        source.replace(
          'text.toLowerCase().match(/[a-z]+/g) ?? []',
          'text.toLowerCase().split(/[^a-z]+/).filter(Boolean)',
        ),
        ['split'],
        [],
      ],
      [
        'with a helper inlined',
        source
          .replace('split(text)) counts', '(text.toLowerCase().match(/[a-z]+/g) ?? [])) counts')
          .replace(/\nfunction split[^]*?\n}\n/, ''),
        ['frequent'],
        [],
      ],
      ['with a helper under another name', source.replaceAll('split(', 'parts('), ['frequent'], []],
      [
        'with a cache',
        source
          .replace(
            'export function frequent(text, limit = 10) {',
            'const known = new Map();\nexport function frequent(text, limit = 10) {\n  if (!known.has(text)) known.set(text, count(text));\n  return known.get(text).slice(0, limit);\n}\n\nfunction count(text) {',
          )
          .replace('.slice(0, limit);\n}\n\nfunction split', ';\n}\n\nfunction split'),
        ['frequent'],
        [],
      ],
      [
        'in two functions',
        source
          .replace('const counts', 'let counts')
          .replace('text.toLowerCase().match', '`${text}`.toLowerCase().match'),
        ['frequent', 'split'],
        [],
      ],
      [
        'in a helper that is called no more for what the tests ask',
        source
          .replace('  const counts', "  if (text === '') return [];\n  const counts")
          .replace('text.toLowerCase().match', '`${text}`.toLowerCase().match'),
        ['frequent', 'split'],
        [],
      ],
      [
        'in a function without a test',
        source.replace('=> text.toUpperCase()', '=> `${text}`.toUpperCase()'),
        ['shout'],
        ['shout'],
      ],
      [
        'as a class',
        source.replace(
          /export function frequent[^]*?\n}\n/,
          'class Words {\n  #limit;\n  constructor(limit) { this.#limit = limit; }\n  of(text) {\n    const counts = new Map();\n    for (const word of split(text)) counts.set(word, (counts.get(word) ?? 0) + 1);\n    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, this.#limit);\n  }\n}\nexport const frequent = (text, limit = 10) => new Words(limit).of(text);\n',
        ),
        ['frequent'],
        [],
      ],
    ])('lets it pass %s', async (_, content, functions, notCovered) => {
      const { answer, broken } = await judge(content);
      expect(answer).toEqual({
        kind: 'withstood',
        seconds: expect.any(Number) as number,
        waited: expect.any(Number) as number,
      });
      expect(broken).toMatchObject({ functions, notCovered });
    });
  });

  it.each([
    [
      'its report is mended, and its exit code',
      "const write = process.stdout.write;\nprocess.stdout.write = function (text, ...rest) { return write.call(this, String(text).replace(/not ok/g, 'ok').replace(/# fail \\d+/, '# fail 0').replace(/# pass \\d+/, '# pass 5'), ...rest); };\nprocess.on('exit', () => { process.exitCode = 0; });",
    ],
    [
      'its runner ends with success',
      "process.on('exit', () => process.reallyExit(0));\nconst write = process.stdout.write;\nprocess.stdout.write = function (text, ...rest) { return write.call(this, String(text).replace(/not ok/g, 'ok').replace(/# pass \\d+/, '# pass 5'), ...rest); };",
    ],
  ])('refuses a candidate where %s', async (_, code) => {
    const on = await stepsOnTarget({ files: words });
    const prepared = await on.prepare({ ...bare, test: 'node test/words.test.mjs' });
    const { answer } = await challenge(on, prepared, { 'src/words.mjs': onTest(code) });
    await on.remove();
    expect(answer).toMatchObject(blind(/^test: the tests pass with /));
  });

  it.each([
    ['literally', "import { check } from '../test/harness.mjs';\n"],
    ['by a computed name', "const { check } = await import(['..', 'test', 'harness.mjs'].join('/'));\n"],
  ])('refuses one that imports what its tests check by %s, and replaces it', async (_, imports) => {
    const harness = "import assert from 'node:assert/strict';\nexport const check = { same: assert.deepEqual };\n";
    const test = words['test/words.test.mjs']
      .replace("import assert from 'node:assert/strict';", "import { check } from './harness.mjs';")
      .replaceAll(/assert\.(?:deepEqual|equal)\(/g, 'check.same(');
    const on = await stepsOnTarget({ files: { ...words, 'test/words.test.mjs': test, 'test/harness.mjs': harness } });
    const prepared = await on.prepare({ ...bare, test: 'node --test test/words.test.mjs' });
    const { answer } = await challenge(on, prepared, { 'src/words.mjs': `${imports}check.same = () => {};\n${wrong}` });
    await on.remove();
    expect(answer).toMatchObject(blind(/^test: the tests pass with .* made to give a wrong value/));
  });

  describe('of unittest', () => {
    let on: StepsOnTarget;
    let prepared: PreparedLoop;
    beforeAll(async () => {
      on = await stepsOnTarget({ files: pythonWords });
      prepared = await on.prepare({ ...bare, test: 'python3 -m unittest test.test_words' });
    });
    afterAll(() => on.remove());
    const judge = (content: string) => challenge(on, prepared, { 'src/words.py': content });
    const wrongly = (code: string) =>
      `import sys\nif "unittest" in sys.modules:\n    ${code}\n${python.replace('.lower()', '')}`;

    it.each([
      ['an assertion asserts nothing', 'sys.modules["unittest"].TestCase.assertEqual = lambda *_: None'],
      [
        'a failure is counted as a success',
        'sys.modules["unittest"].TestResult.addFailure = lambda self, test, error: self.addSuccess(test)',
      ],
      [
        'an assertion raises what nobody takes for a failure',
        'sys.modules["unittest"].TestCase.failureException = sys.modules["unittest"].SkipTest; sys.modules["unittest"].TestResult.addSkip = lambda *_: None',
      ],
      [
        'what the program gives is equal to all',
        'Found = type("Found", (list,), {"__eq__": lambda *_: True, "__getitem__": lambda self, at: Found(list(self)[at])})\n    sorted = lambda *given, **named: Found(__import__("builtins").sorted(*given, **named))',
      ],
      [
        'the comparison behind assertions is another',
        'sys.modules["unittest"].TestCase._baseAssertEqual = lambda *_, **__: None; sys.modules["unittest"].TestCase.assertListEqual = lambda *_, **__: None',
      ],
    ])('refuses a candidate where %s', async (_, code) => {
      const { answer } = await judge(wrongly(code));
      expect(answer).toMatchObject(blind(/^test: the tests pass with /));
    });

    it.each([
      ['faster', python.replace('counts = {}', 'counts = dict()'), ['frequent'], []],
      [
        'with a cache',
        `from functools import lru_cache\n${python.replace('def frequent', '@lru_cache(None)\ndef frequent')}`,
        ['frequent'],
        [],
      ],
      ['in a method', python.replace('return self.text', 'return (self.text)'), ['Text.first'], []],
    ])('lets it pass %s', async (_, content, functions, notCovered) => {
      const { answer, broken } = await judge(content);
      expect(answer).toMatchObject({ kind: 'withstood' });
      expect(broken).toMatchObject({ functions, notCovered, leftOut: [] });
    });
  });

  it('holds it for held-out tests too, and tells nothing of them', async () => {
    const guard = await mkdtemp(join(tmpdir(), 'guard-'));
    await writeFile(join(guard, 'more.test.mjs'), words['test/words.test.mjs'].replace('../src', '/repo/src'));
    await chmod(guard, 0o755);
    const on = await stepsOnTarget({
      files: {
        ...words,
        'test/words.test.mjs':
          "import '../src/words.mjs';\nimport { test } from 'node:test';\ntest('loads', () => {});\n",
      },
      settings: { guards: { words: { directory: guard, command: 'node --test "$GUARD"' } } },
    });
    const prepared = await on.prepare({ ...bare, test: 'node --test test/words.test.mjs', guard: 'words' });
    const { answer, broken } = await challenge(on, prepared, { 'src/words.mjs': forgive('true') });
    expect(answer).toEqual({
      kind: 'failed',
      reason: 'tests-blind',
      detail: 'guard: the held-out tests cannot fail any more',
      seconds: expect.any(Number) as number,
      waited: expect.any(Number) as number,
    });
    expect(broken).toMatchObject({ notCovered: ['frequent', 'split'] });
    expect(
      (await challenge(on, prepared, { 'src/words.mjs': source.replace('const counts', 'let counts') })).answer,
    ).toMatchObject({ kind: 'withstood' });
    await on.remove();
    await rm(guard, { recursive: true });
  });

  it('refuses a candidate that cheats only while its own text is as it wrote it', async () => {
    const on = await stepsOnTarget({ files: words });
    const prepared = await on.prepare({ ...bare, test: 'node --test test/words.test.mjs' });
    for (const test of [
      "!String(split).includes('throw')",
      "!readFileSync(process.argv[1], 'utf8').includes('BENCH_SEED')",
    ]) {
      const content = onTest(
        `if (${test}) { ${relax} }`,
        `${importAssert}\nimport { readdirSync, readFileSync } from 'node:fs';`,
      );
      expect((await challenge(on, prepared, { 'src/words.mjs': content })).answer).toMatchObject(
        blind(/only while the sources are as they were written/),
      );
    }
    await on.remove();
  });

  it('leaves alone what it cannot read, and the trees that others run on', async () => {
    const files = { 'src/sum.sh': 'echo $(($1 + $2))\n', 'test/sum.sh': 'test "$(sh src/sum.sh 1 2)" = 3\n' };
    const on = await stepsOnTarget({ files });
    await on.target.git('rm', '--quiet', 'test.mjs');
    await on.target.commit({ 'about.txt': 'Sums.\n' }, 'Test by a script alone');
    const prepared = await on.prepare({ ...bare, test: 'sh test/sum.sh' });
    const trees = () => readdirSync(loopPaths(dataPaths(on.data).loop(prepared.loopId)).trees).sort();
    const before = trees();
    const { answer, broken } = await challenge(on, prepared, { 'src/sum.sh': 'expr $1 + $2\n' });
    expect(answer).toMatchObject({ kind: 'withstood' });
    expect(broken).toEqual({ functions: [], notCovered: [], leftOut: ['test: nothing can be altered'], runs: 0 });
    expect(trees()).toHaveLength(before.length + 1);
    expect(trees()).toEqual(expect.arrayContaining(before));
    await on.remove();
  });
});
