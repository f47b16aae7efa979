import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../domain/verdict/decision.ts';
import { judge } from '../../../domain/verdict/judgement.ts';
import { memberObjection, pairMembers } from '../../../domain/verdict/members.ts';
import type { MeasuredPair } from '../../../domain/verdict/pair.ts';

const suite = (times: Record<string, number>) => Object.entries(times).map(([name, ns]) => ({ name, ns }));

/** Pairs of a suite whose champion takes 100 ns for each member. */
function pairsOf(candidate: Record<string, number>, count: number): MeasuredPair[] {
  const champion = Object.fromEntries(Object.keys(candidate).map((name) => [name, 100]));
  const sides = pairMembers(suite(champion), suite(candidate));
  if ('problem' in sides) throw new Error(sides.problem);
  const values = Object.values(candidate);
  const mean = Math.exp(values.reduce((sum, ns) => sum + Math.log(ns), 0) / values.length);
  const pair = { first: 'champion', pair: [100, mean], cpuMs: [1, 1], wallMs: [1, 1], benchSeed: 1 } as const;
  return Array.from({ length: count }, () => ({ ...pair, ...sides }));
}

describe('the members of a suite', () => {
  it('are put side by side by their names, whatever their order', () => {
    expect(pairMembers(suite({ parse: 10, print: 20 }), suite({ print: 21, parse: 9 }))).toEqual({
      members: { parse: [10, 9], print: [20, 21] },
    });
    expect(pairMembers(suite({ parse: 10 }), suite({ parse: 9 }))).toEqual({});
    expect(pairMembers([], [])).toEqual({});
  });

  it.each([
    [{ parse: 1, print: 1 }, { parse: 1 }, /^print ran on the side of the champion alone; leave the list/],
    [{ parse: 1 }, { parse: 1, print: 1 }, /^print ran on the side of the candidate alone; leave the list/],
  ])('are the same on both sides: %j, %j', (champion, candidate, problem) => {
    expect(pairMembers(suite(champion), suite(candidate))).toEqual({
      problem: expect.stringMatching(problem) as string,
    });
  });

  it.each([
    ['no gain of the mean pays for one that is 50 % slower', { parse: 40, print: 150 }, 'side-metric-worse'],
    ['one that is 5 % slower is allowed', { parse: 40, print: 105 }, undefined],
    ['one that is as it was', { parse: 40, print: 100 }, undefined],
  ])('%s', (_, candidate, reason) => {
    const judged = judge({
      ...{ pairs: pairsOf(candidate, 30), policy: defaultPolicy, clock: null },
      ...{ unseeded: null, side: [], floor: 0.1 },
    });
    expect(judged.verdict.verdict).toBe('accepted');
    expect(judged.objection?.reason).toBe(reason);
    if (reason)
      expect(judged.objection!.detail).toMatch(
        /^benchmark\.floor: print: 50\.0 % worse by the median of \d+ pairs; at most 10\.0 % worse is allowed$/,
      );
  });

  it('object to an exact suite after one pair', () => {
    const objection = memberObjection(pairsOf({ a: 10, b: 111 }, 2), { noise: 'exact', worstAllowed: 0.1 });
    expect(objection?.reason).toBe('side-metric-worse');
  });

  it('never object where none is worse than its floor', () => {
    const ratio = fc.double({ min: 0.1, max: 1.1, noNaN: true });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), ratio, { minKeys: 2 }),
        fc.integer({ min: 1, max: 60 }),
        (ratios, count) => {
          const candidate = Object.fromEntries(Object.entries(ratios).map(([name, one]) => [name, one * 100]));
          expect(memberObjection(pairsOf(candidate, count), { noise: 'measured', worstAllowed: 0.1 })).toBeNull();
        },
      ),
    );
  });
});
