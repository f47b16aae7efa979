import { expect, it } from 'vitest';
import { scaleProblem } from '../../../domain/benchmark/scale.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';

it.each<[string, number[], object, RegExp | null]>([
  ['a time', [12, 13], {}, null],
  ['negative scores', [-12, -13], {}, null],
  ['a measured 0', [0, 0.1], {}, /^benchmark\.minDifference: the base's metric is 0 and 0\.1, .* difference in points/],
  ['a sign that changes', [-0.1, 0.2], {}, /^benchmark\.minDifference: /],
  ['the same with a difference', [-0.1, 0.2], { minDifference: 0.5 }, null],
  ['an exact count at 0', [0, 0], { noise: 'exact' }, /is 0 already, and nothing is left to gain/],
  ['an exact count at 0 with some input', [0, 3], { noise: 'exact' }, null],
  ['an exact score at 0', [0, 0], { noise: 'exact', better: 'higher' }, null],
])('of %s', (_, metrics, benchmark, problem) => {
  const metric = { pattern: '^SCORE (.+)$' };
  const config = parseLoopConfig({
    repository: '/r',
    editable: ['src/**'],
    test: 'true',
    benchmark: { command: 'true', metric, unit: 'points', ...benchmark },
  });
  if (!config.ok) throw new Error(config.problems.join());
  const found = scaleProblem(metrics, config.value);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toMatch(problem);
});
