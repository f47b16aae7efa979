import { describe, expect, it } from 'vitest';
import type { LoopConfigInput } from '../../../domain/config/loop-config.ts';
import { parseLoopConfig } from '../../../domain/config/parse-loop-config.ts';
import { keepsAnswers } from '../../../domain/config/plan.ts';

const metric = { pattern: '([0-9.]+)' };
const output = { pattern: '(.+)' };

describe('a benchmark', () => {
  it.each<[string, Partial<LoopConfigInput['benchmark']>, boolean]>([
    ['without a metric', {}, true],
    ['of a time', { metric, unit: 'ms' }, true],
    ['of a rate', { metric, unit: 'ops/s', better: 'higher' }, true],
    ['of a time without a clock', { metric, unit: 'ms', clock: 'none' }, true],
    ['of a size with its result', { metric, unit: 'bytes', noise: 'exact', output }, true],
    ['of a size alone', { metric, unit: 'bytes', noise: 'exact' }, false],
    ['of a score', { metric, unit: 'score', better: 'higher' }, false],
    ['that is read', { metric, unit: 'bytes', reader: 'wc -c', output }, false],
  ])('%s says if functions are to answer as before', (_, part, expected) => {
    const parsed = parseLoopConfig({
      repository: '/r',
      editable: ['src/**'],
      test: 'true',
      benchmark: { command: 'node bench.mjs', ...part },
    });
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    expect(keepsAnswers(parsed.value.benchmark)).toBe(expected);
  });
});
