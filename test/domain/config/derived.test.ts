import { expect, it } from 'vitest';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';

const config = {
  repository: '/r',
  editable: ['src/**', '!src/data/**'],
  setup: 'npm ci',
  provided: ['./node_modules'],
  test: 'npm test; echo done',
  benchmark: { command: 'node bench.mjs', metric: { pattern: '^METRIC ([0-9]+)$' } },
};

function parsed(fields: object) {
  const result = parseLoopConfig({ ...config, ...fields });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.value;
}

it('a directory moves globs, paths and commands to the top, once', () => {
  const found = parsed({ directory: 'packages/a/', unprotected: ['src/spec/a.js'] });
  expect(found).toMatchObject({
    directory: '.',
    editable: ['packages/a/src/**', '!packages/a/src/data/**'],
    provided: ['packages/a/node_modules'],
    unprotected: ['packages/a/src/spec/a.js'],
    setup: 'cd packages/a && npm ci',
    test: 'cd packages/a && npm test; echo done',
    benchmark: { command: 'cd packages/a && node bench.mjs' },
  });
  expect(parseLoopConfig(found)).toEqual({ ok: true, value: found });
  expect(parsed({ directory: "a b's" }).test).toBe(`cd 'a b'\\''s' && npm test; echo done`);
  expect(parsed({ directory: './' })).toEqual(parsed({}));
});

it('refuses a directory that leads out', () => {
  expect(parseLoopConfig({ ...config, directory: '../other' })).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^directory: must be a path inside the repository, .*; /)],
  });
});

it('a harness says where the number is, in ns', () => {
  const benchmark = { command: 'go test -bench .', harness: 'go-bench' };
  const found = parsed({ benchmark });
  expect(found.benchmark).toMatchObject({ metric: { harness: 'go-bench' }, unit: 'ns', harness: 'go-bench' });
  expect(parseLoopConfig(found)).toEqual({ ok: true, value: found });
  const both = { ...config, benchmark: { ...benchmark, metric: { pointer: '/ms' } } };
  expect(parseLoopConfig(both)).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^benchmark\.harness: .*; remove one/)],
  });
});
