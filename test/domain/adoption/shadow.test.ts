import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  differenceIn,
  lastingCost,
  parseTold,
  shadowFacts,
  type ShadowPair,
  type ShadowRun,
} from '../../../domain/adoption/shadow.ts';

const mebibyte = 2 ** 20;

function run(more: Partial<ShadowRun> = {}): ShadowRun {
  const answers: [string, string][] = [
    ['made-up input 1.1', 'aa'],
    ['ledger of x', 'bb'],
  ];
  const kept = Array.from({ length: 12 }, () => 10 * mebibyte);
  return { answers, cpuMs: 1_000, wholeMs: 2_000, peakMiB: 150, kept, ...more };
}

/** Pairs of which the new build's runs are altered one by one. */
function pairs(...altered: Partial<ShadowRun>[]): ShadowPair[] {
  return altered.map((more) => ({ last: run(), fresh: run(more) }));
}

const leaking = (bytes: number) => ({ kept: run().kept.map((kept, round) => kept + round * bytes) });

describe('shadow runs', () => {
  it('name the input that the new build answers otherwise, or that only one of the two has', () => {
    const [first] = run().answers;
    const differs = (answers: [string, string][]) => differenceIn({ last: run(), fresh: run({ answers }) });
    expect(differs(run().answers)).toBeNull();
    expect(differs([first!, ['ledger of x', 'cc']])).toBe('answers ledger of x otherwise');
    expect(differs([first!])).toBe('answers ledger of x otherwise');
    expect(differs([first!, ['ledger of y', 'bb']])).toBe('answers ledger of x otherwise');
    expect(differs([...run().answers, ['more', 'dd']])).toBe('answers more, which nobody asked');
  });

  it.each<[string, Partial<ShadowRun>, string]>([
    ['time', { cpuMs: 1_200 }, 'needs more CPU time: 1200 instead of 1000 ms'],
    ['time put off', { wholeMs: 2_500 }, 'needs more CPU time of the whole run: 2500 instead of 2000 ms'],
    ['memory', { peakMiB: 250 }, 'needs more peak memory: 250 instead of 150 MiB'],
    ['memory with each call', leaking(20 * 1024), 'keeps more memory with each call: 120 KiB more in half a run'],
  ])('withdraw what lastingly needs more %s', (_, more, problem) => {
    expect(lastingCost(pairs(more, more, more, more, more))).toBe(problem);
    expect(lastingCost(pairs(more, more, {}, more, more))).toBe(problem);
    expect(lastingCost(pairs(more, {}, {}, more, more))).toBeNull();
  });

  it('let pass what is filled once, what nothing counts, and what needs less', () => {
    const kept = run().kept.map((bytes, round) => bytes + Math.min(round, 4) * mebibyte);
    expect(lastingCost(pairs(...Array<Partial<ShadowRun>>(5).fill({ kept })))).toBeNull();
    const less = { cpuMs: 500, wholeMs: 1_500, peakMiB: null };
    expect(lastingCost(pairs(...Array<Partial<ShadowRun>>(5).fill(less)))).toBeNull();
    expect(shadowFacts('ledger', pairs({}, {}, {}))).toBe(
      'ledger 2 inputs (1 recorded), time 1.00, memory 1.00, kept 0 KiB',
    );
  });

  it('never withdraw a build for costs that one or none of the pairs has', () => {
    const figures = fc.record({ cpuMs: fc.nat(9_999), wholeMs: fc.nat(9_999), peakMiB: fc.nat(4_096) });
    fc.assert(
      fc.property(figures, fc.nat(4), (more, place) => {
        const altered: Partial<ShadowRun>[] = Array.from({ length: 5 }, (_, at) => (at === place ? more : {}));
        expect(lastingCost(pairs(...altered))).toBeNull();
      }),
    );
  });

  it('withdraw by costs that are above their bounds in four of five pairs, whichever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_121, max: 99_999 }), fc.nat(4), (cpuMs, place) => {
        const altered: Partial<ShadowRun>[] = Array.from({ length: 5 }, (_, at) => (at === place ? {} : { cpuMs }));
        expect(lastingCost(pairs(...altered))).toMatch(/^needs more CPU time: /);
      }),
    );
  });

  it('take nothing for figures that is none', () => {
    const { answers, cpuMs, kept } = run();
    expect(parseTold(JSON.stringify({ answers, cpuMs, kept }))).toEqual({ answers, cpuMs, kept });
    for (const text of ['', 'x', '{}', '[]', JSON.stringify({ answers, cpuMs: -1, kept }), `x\n${JSON.stringify({})}`])
      expect(parseTold(text)).toBeNull();
  });
});
