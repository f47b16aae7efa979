import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gain, gainPercent } from '../../../domain/verdict/gain.ts';

it('tells the gain that the words tell, as a number', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 20, noNaN: true }),
      fc.constantFrom('lower' as const, 'higher' as const),
      (ratio, better) => {
        const percent = gainPercent(ratio, { better })!;
        fc.pre(percent !== 0 && Math.abs(percent) < 10_000);
        const [words] = gain(ratio, { better }).split(' ');
        expect(Math.abs(Math.abs(percent) - Number(words))).toBeLessThan(0.11);
        expect(percent > 0).toBe(ratio < 1);
      },
    ),
  );
});

it('tells none where only differences make sense, or no share is finite', () => {
  expect(gainPercent(0.8, { better: 'lower', minDifference: 2 })).toBeNull();
  expect(gainPercent(0, { better: 'higher' })).toBeNull();
});
