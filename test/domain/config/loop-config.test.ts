import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loopConfigSchema } from '../../../domain/config/loop-config.ts';
import { isRefName } from '../../../domain/loop-id.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';

const minimal = {
  repository: '/r',
  editable: ['src/**'],
  test: 'npm test',
  benchmark: { command: 'node bench.mjs', metric: { pattern: '^METRIC ms=([0-9.]+)$' } },
};

function problemsOf(input: unknown): string[] {
  const parsed = parseLoopConfig(input);
  return parsed.ok ? [] : parsed.problems;
}

describe('parseLoopConfig', () => {
  it('fills in every default', () => {
    const parsed = parseLoopConfig(minimal);
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        base: 'HEAD',
        minImprovement: 0.05,
        falseCommitRate: 0.001,
        iterations: 50,
        workspace: 'auto',
        budget: { hours: 8, consecutiveFailures: 20 },
        limits: { memoryMiB: 2048 },
      },
    });
  });

  it('accepts its own result again, unchanged', () => {
    const parsed = parseLoopConfig(minimal);
    expect(parsed.ok && parseLoopConfig(parsed.value)).toEqual(parsed);
  });

  it.each([
    ['a JSON string', JSON.stringify(minimal), /^config: is a string; give one plain JSON object/],
    ['nothing', undefined, /^config: is nothing/],
    ['a list', [minimal], /^config: is \[/],
    ['an unknown field', { ...minimal, editible: ['x'] }, /^editible: unknown field; known here: .*editable/],
    [
      'an unknown nested field',
      { ...minimal, limits: { cores: 2 } },
      /^limits\.cores: unknown field; known here: testSeconds/,
    ],
    ['a wrong type', { ...minimal, iterations: '3' }, /^iterations: .*number.*; Iterations after which/],
    ['a missing field', { ...minimal, test: undefined }, /^test: is missing/],
    [
      'a URL with a password',
      { ...minimal, repository: 'https://me:secret@example.org/r.git' },
      /^repository: https:\/\/example\.org\/r\.git is given with credentials/,
    ],
    [
      'a transport that runs commands',
      { ...minimal, repository: 'ext::sh -c true' },
      /^repository: "ext::" is no transport/,
    ],
    ['a relative path', { ...minimal, repository: 'r' }, /^repository: "r" is a relative path/],
    ['a path out of the repository', { ...minimal, editable: ['../x'] }, /^editable\.0: must be a path inside/],
    [
      'a pattern without a group',
      { ...minimal, benchmark: { command: 'b', metric: { pattern: 'ms' } } },
      /^benchmark\.metric/,
    ],
    ...['(?i)^ms=([0-9]+)', '^ms=([0-9]+'].map((pattern): [string, object, RegExp] => [
      `the pattern ${pattern}`,
      { ...minimal, benchmark: { command: 'b', metric: { pattern } } },
      /^benchmark\.metric\.pattern: .*: this one is none of JavaScript \([^/]+\); /,
    ]),
    [
      'a pattern with two groups',
      { ...minimal, benchmark: { command: 'b', metric: { pattern: '(ms)=([0-9]+)' } } },
      /^benchmark\.metric\.pattern: .*: this one has 2; /,
    ],
    [
      'a bare pattern',
      { ...minimal, benchmark: { command: 'b', metric: 'ms=([0-9]+)' } },
      /^benchmark\.metric: .*\{"pattern": "/,
    ],
    ['a branch as git lists refs', { ...minimal, branch: 'refs/heads/x' }, /^branch: .*without "refs\/heads\/"/],
    ['the branch HEAD', { ...minimal, branch: 'HEAD' }, /^branch: "HEAD" is not a valid branch name/],
    ['a base that looks like an option', { ...minimal, base: '--upload-pack=x' }, /^base: must be a revision/],
    ['a bad branch', { ...minimal, branch: 'a..b' }, /^branch: "a\.\.b" is not a valid branch name/],
    [
      'a command source without its name',
      { ...minimal, hypothesis: { source: 'command' } },
      /^hypothesis\.command: is missing/,
    ],
    [
      'an identity with a line end',
      { ...minimal, commit: { identity: 'a\nb <c@d>' } },
      /^commit\.identity: must be "Name <address>"/,
    ],
  ])('refuses %s in one line', (_, input, line) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(line);
  });

  it('refuses a field of hypothesis by name that there is not', () => {
    expect(problemsOf({ ...minimal, hypothesis: { temperature: 1 } })).toEqual([
      expect.stringMatching(/^hypothesis\.temperature: unknown field; known here: source, /),
    ]);
  });

  const heap = { name: 'heap', command: 'node heap.mjs' };
  it.each([
    [
      'no metric and no clock',
      { benchmark: { command: 'b', clock: 'none' } },
      /^benchmark\.clock: is "none" and there is no metric/,
    ],
    [
      'a reader of the time that another process took',
      { benchmark: { command: 'b', metric: { pattern: '(.+)' }, reader: 'r' } },
      /^benchmark\.reader: reads a number in "ms", and no second process can tell how long the first one took; /,
    ],
    [
      'a reader of no number',
      { benchmark: { command: 'b', reader: 'r' } },
      /^benchmark\.reader: is given without a metric/,
    ],
    [
      'an exact clock',
      { benchmark: { command: 'b', noise: 'exact' } },
      /^benchmark\.noise: is "exact" without a metric/,
    ],
    [
      'an exact clock beside it',
      { sideMetrics: [{ ...heap, noise: 'exact' }] },
      /^sideMetrics\.0\.noise: is "exact" without a metric/,
    ],
    [
      'what can never be proved',
      { sideMetrics: [{ ...heap, worstAllowed: 0 }] },
      /^sideMetrics\.0\.worstAllowed: 0 can never be proved/,
    ],
    ['two of one name', { sideMetrics: [heap, heap] }, /^sideMetrics\.1\.name: "heap" is there twice/],
    [
      'a count without a group',
      { testCount: { pattern: 'tests' } },
      /^testCount\.pattern: must be a regular expression with exactly one capture group/,
    ],
  ])('refuses %s', (_, part, line) => {
    expect(problemsOf({ ...minimal, ...part })).toEqual([expect.stringMatching(line)]);
  });

  it.each([
    [{ unit: 'ops/s' }, {}, /^benchmark\.better: is "lower" for a metric in "ops\/s".*; give "higher"/],
    [{ unit: 'ms', better: 'higher' }, {}, /^benchmark\.better: is "higher" for a metric in "ms".*; give "lower"/],
    [{ unit: 'ns/op', better: 'higher' }, {}, /^benchmark\.better: is "higher"/],
    [{ minDifference: 0.5 }, {}, /^benchmark\.minDifference: is a difference, .*in "ms"; use minImprovement, or set/],
    [{ unit: '', minDifference: 0.5 }, {}, /^benchmark\.minDifference: is a difference/],
    [{ unit: 'score', minDifference: 0.5 }, { minImprovement: 0.1 }, /^minImprovement: is given beside/],
    [{ unit: 'score', minDifference: 0.5 }, {}, null],
    [{ unit: 'ms', better: 'higher', clock: 'none' }, {}, null],
    [{ unit: 'ops/s', better: 'lower', noise: 'exact' }, {}, null],
    [{ unit: 'ops/s', better: 'higher' }, {}, null],
    [{ unit: '', better: 'higher' }, {}, null],
    [{ metric: undefined, minDifference: 5 }, {}, null],
  ] as const)('holds the terms of a gain in %j against each other', (benchmark, more, line) => {
    const problems = problemsOf({ ...minimal, benchmark: { ...minimal.benchmark, ...benchmark }, ...more });
    expect(problems).toEqual(line ? [expect.stringMatching(line)] : []);
  });

  it('names every bad field, one line each', () => {
    expect(
      problemsOf({ ...minimal, iterations: 0, minImprovement: 5, seed: -1 }).map((line) => line.split(':')[0]),
    ).toEqual(expect.arrayContaining(['iterations', 'minImprovement', 'seed']));
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof parseLoopConfig(value).ok === 'boolean'));
    const keys = Object.keys(loopConfigSchema.shape);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()),
        (value) => typeof parseLoopConfig({ ...minimal, ...value }).ok === 'boolean',
      ),
    );
  });
});

describe('isRefName', () => {
  it.each(['a', 'karpathy-loop/x-1', 'ünïcode', 'a/b/c'])('takes %s', (name) => expect(isRefName(name)).toBe(true));
  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a..b',
    'a.lock',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a@{1}',
    '@',
    'a.',
    '-a',
    'a\n',
  ])('refuses %j', (name) => expect(isRefName(name)).toBe(false));
});
