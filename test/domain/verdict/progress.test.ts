import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultPolicy } from '../../../domain/verdict/decision.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';
import { progressText } from '../../../domain/verdict/progress.ts';
import { isComplete } from '../../../domain/verdict/verdict.ts';

const terms = { policy: defaultPolicy, clock: null };

function pairsOf(ratios: readonly number[]): MeasuredPair[] {
  return ratios.map((ratio) => {
    const pair = [1_000, 1_000 * ratio] as const;
    return { first: 'champion', pair, cpuMs: pair, wallMs: pair, benchSeed: null };
  });
}

it.each<[string, readonly number[]]>([
  ['pair 1', []],
  ['pair 3 of at most 60; 16 % of the way to accept, 0 % to reject; at most 1.8 min left', [0.9, 0.9]],
  ['pair 6 of at most 60; 42 % of the way to accept, 0 % to reject; about 13 s left', [0.9, 0.9, 0.9, 0.9, 0.9]],
  ['pair 4 of at most 60; 0 % of the way to accept, 86 % to reject; about 0.9 s left', [1, 1, 1]],
])('a decision under way is at "%s"', (text, ratios) => expect(progressText(pairsOf(ratios), terms)).toBe(text));

it('after the acceptance the fresh pairs are counted', () => {
  const ratios = Array.from({ length: 16 }, () => 0.5);
  expect(progressText(pairsOf(ratios), terms)).toMatch(/^accepted; fresh pair \d, of 8 or more$/);
});

it('both ways lie between 0 and 100 % wherever a decision goes on', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 }), (ratios) => {
      const pairs = pairsOf(ratios);
      if (isComplete(pairs, terms)) return;
      const shares = [...progressText(pairs, terms).matchAll(/(\d+) %/g)].map(([, share]) => Number(share));
      expect(shares.every((share) => share >= 0 && share <= 100)).toBe(true);
    }),
  );
});
