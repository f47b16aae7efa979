import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defaultPolicy, type Pair } from '../../../../domain/verdict/decision.ts';
import type { MeasuredPair } from '../../../../domain/verdict/pair.ts';
import { capitalPath } from '../../../../domain/ledger/page/capital-path.ts';
import { toVerdict } from '../../../../domain/verdict/verdict.ts';

const ms = fc.double({ min: 1, max: 100, noNaN: true });
const pairs = fc.array(fc.tuple(ms, ms), { minLength: 1, maxLength: 70 });
const clock = { clock: 'cpu', unit: 'ms', better: 'lower', startUp: { cpuMs: 1, wallMs: 1 } } as const;

function measured(all: readonly Pair[]): MeasuredPair[] {
  return all.map((pair) => ({ first: 'champion', pair, cpuMs: pair, wallMs: pair, benchSeed: null }));
}

it('ends where the decision ends, with its capitals, by the metric alone and with a clock', () => {
  fc.assert(
    fc.property(pairs, fc.constantFrom(null, clock), (all, clock) => {
      const terms = { policy: defaultPolicy, clock };
      const { real, atBar } = capitalPath(measured(all), terms);
      const verdict = toVerdict(measured(all), terms);
      expect([real.length, atBar.length]).toEqual([verdict.pairs, verdict.pairs]);
      expect(real.at(-1)).toBeCloseTo(verdict.logCapitalReal, 9);
      expect(atBar.at(-1)).toBeCloseTo(verdict.logCapitalBar, 9);
    }),
  );
});

it('does not look at pairs beyond its own: a longer series begins in the same way', () => {
  fc.assert(
    fc.property(pairs, fc.nat(70), (all, count) => {
      const terms = { policy: defaultPolicy, clock: null };
      const whole = capitalPath(measured(all), terms);
      const part = capitalPath(measured(all.slice(0, count)), terms);
      expect(whole.real.slice(0, part.real.length)).toEqual(part.real);
    }),
  );
});

it('is empty for an exact metric, which has no capital', () => {
  const policy = { ...defaultPolicy, noise: 'exact' } as const;
  expect(capitalPath(measured([[2, 1]]), { policy, clock: null })).toEqual({ real: [], atBar: [] });
});
