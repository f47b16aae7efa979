import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefName, loopConfigSchema, parseLoopConfig } from '../../domain/config.ts';

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
        workspace: 'copy',
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
    ['an unknown nested field', { ...minimal, limits: { cores: 2 } }, /^limits\.cores: unknown field; known here: testSeconds/],
    ['a wrong type', { ...minimal, iterations: '3' }, /^iterations: .*number.*; Iterations of the loop/],
    ['a missing field', { ...minimal, test: undefined }, /^test: is missing/],
    ['a URL', { ...minimal, repository: 'https://example.org/r.git' }, /^repository: .* is a URL/],
    ['a URL in ssh form', { ...minimal, repository: 'git@example.org:r.git' }, /^repository: .* is a URL/],
    ['a relative path', { ...minimal, repository: 'r' }, /^repository: "r" is a relative path/],
    ['a path out of the repository', { ...minimal, editable: ['../x'] }, /^editable\.0: must be a path inside/],
    ['a pattern without a group', { ...minimal, benchmark: { command: 'b', metric: { pattern: 'ms' } } }, /^benchmark\.metric/],
    ['a base that looks like an option', { ...minimal, base: '--upload-pack=x' }, /^base: must be a revision/],
    ['a bad branch', { ...minimal, branch: 'a..b' }, /^branch: "a\.\.b" is not a valid branch name/],
    ['a command source without its name', { ...minimal, hypothesis: { source: 'command' } }, /^hypothesis\.command: is missing/],
    ['an identity with a line end', { ...minimal, commit: { identity: 'a\nb <c@d>' } }, /^commit\.identity: must be "Name <address>"/],
  ])('refuses %s in one line', (_, input, line) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(line);
  });

  it.each([
    ['guard', { guard: 'held-out' }],
    ['sideMetrics', { sideMetrics: [] }],
    ['benchmark.output', { benchmark: { ...minimal.benchmark, output: { pattern: '^CHECK (.+)$' } } }],
    ['benchmark.noise', { benchmark: { ...minimal.benchmark, noise: 'exact' } }],
    ['workspace', { workspace: 'auto' }],
    ['hypothesis.samples', { hypothesis: { samples: 4 } }],
  ])('refuses %s by name, since it is not enforced yet', (field, part) => {
    expect(problemsOf({ ...minimal, ...part })[0]).toMatch(new RegExp(`^${field.replace('.', '\\.')}: .* is not enforced by this version`));
  });

  it('names every bad field, one line each', () => {
    expect(problemsOf({ ...minimal, iterations: 0, minImprovement: 5, seed: -1 }).map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['iterations', 'minImprovement', 'seed']),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof parseLoopConfig(value).ok === 'boolean'));
    const keys = Object.keys(loopConfigSchema.shape);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (value) => typeof parseLoopConfig({ ...minimal, ...value }).ok === 'boolean'),
    );
  });
});

describe('isRefName', () => {
  it.each(['a', 'karpathy-loop/x-1', 'ünïcode', 'a/b/c'])('takes %s', (name) => expect(isRefName(name)).toBe(true));
  it.each(['', '/a', 'a/', 'a//b', '.a', 'a/.b', 'a..b', 'a.lock', 'a b', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[', 'a\\b', 'a@{1}', '@', 'a.', '-a', 'a\n'])(
    'refuses %j',
    (name) => expect(isRefName(name)).toBe(false),
  );
});
