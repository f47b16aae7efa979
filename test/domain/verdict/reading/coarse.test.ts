import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loopConfigSchema } from '../../../../domain/config/loop-config.ts';
import { coarseMetric } from '../../../../domain/verdict/reading/coarse.ts';

const terms = (benchmark: object = {}, minImprovement = 0.05) =>
  loopConfigSchema.parse({
    ...{ repository: '/r', editable: ['src/**'], test: 'true', minImprovement },
    benchmark: { command: 'true', metric: { pattern: '([0-9.]+)' }, ...benchmark },
  });

describe('coarseMetric', () => {
  it.each<[number[], object?]>([
    [[1]],
    [[1, 1, 2]],
    [[12, 13]],
    [[0.3, 0.4]],
    [[0.000012], { unit: 's' }],
    [[2e-9, 3e-9], { unit: 's' }],
    [[10, 20, 10]],
    [[7, 8], { unit: 'ops/s', better: 'higher' }],
  ])('doubts %j', (values, benchmark) => {
    expect(coarseMetric(values, terms(benchmark))).toEqual({
      fact: expect.stringMatching(/^the metric is about .* in steps of .*, too coarse for a gain of 5\.0 %$/) as string,
      remedy: 'measure more work, or print more digits',
    });
  });

  it.each<[number[], object?]>([
    [[20, 21]],
    [[1.01]],
    [[100, 100]],
    [[1.5e-7, 1.52e-7], { unit: 's' }],
    [[3], { noise: 'exact' }],
    [[3], { unit: 'bytes' }],
    [[3], { metric: undefined }],
    [[]],
  ])('has no doubt of %j', (values, benchmark) => {
    expect(coarseMetric(values, terms(benchmark))).toBeNull();
  });

  it('doubts every whole number that one step changes by more than the gain', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0.01, 0.05, 0.2), (value, minImprovement) => {
        expect(coarseMetric([value], terms({}, minImprovement)) !== null).toBe(1 / value > minImprovement);
      }),
    );
  });
});
