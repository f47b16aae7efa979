import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelOf, progressOf } from '../../../../domain/ledger/page/progress.ts';
import { parseRecord, type Evidence, type IterationRecord } from '../../../../domain/ledger/record.ts';
import { defaultPolicy, toRatio, toSample } from '../../../../domain/verdict/decision.ts';
import type { HeadToHead } from '../../../../domain/steps.ts';

const base = 'a'.repeat(40);
const shaOf = (iteration: number) => iteration.toString(16).padStart(40, '0');

/** An iteration that was measured at a ratio, or one without a candidate. */
interface Step {
  ratio: number | null;
  isCommitted: boolean;
}

/** The records of a loop in which each commit is the next champion. */
function recordsOf(steps: readonly Step[], terms: object = {}): IterationRecord[] {
  let champion = base;
  return steps.map(({ ratio, isCommitted }, at) => {
    const iteration = at + 1;
    const commit = ratio !== null && isCommitted ? shaOf(iteration) : null;
    const interval = ratio === null ? null : [ratio * 0.9, ratio * 1.1];
    const record = parseRecord(
      JSON.stringify({
        ...{ version: 1, loopId: 'demo', iteration, champion, detail: '', model: 'm', tokens: 0, attempts: 1 },
        outcome: commit ? 'committed' : ratio === null ? 'failed' : 'rolledBack',
        reason: commit ? null : ratio === null ? 'no-hypothesis' : 'slower',
        hypothesis: null,
        candidate: ratio === null ? null : { tree: shaOf(iteration + 1000), commit },
        verdict: ratio && { ...defaultPolicy, ...terms, reported: { ratio, interval, pairs: 8 } },
      }),
    );
    champion = commit ?? champion;
    return record;
  });
}

function evidenceOf(champion: number, policy: object = {}): Map<number, Evidence> {
  const pairs = [champion * 0.9, champion, champion * 1.1].map((from) => ({ pair: [from, from] }));
  return new Map([
    [1, { unit: 'ms', pairs, fresh: [], policy: { ...defaultPolicy, ...policy } } as unknown as Evidence],
  ]);
}

const ratio = fc.double({ min: 0.2, max: 3, noNaN: true });
const steps = fc.array(fc.record({ ratio: fc.option(ratio), isCommitted: fc.boolean() }), {
  minLength: 1,
  maxLength: 30,
});

describe('progressOf', () => {
  it('has every attempt once, in order, and a step for each commit alone', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const records = recordsOf(all);
        const progress = progressOf({ records, headToHead: null }, evidenceOf(100), base)!;
        expect(progress.attempts.map(({ iteration }) => iteration)).toEqual(records.map((one) => one.iteration));
        const commits = records.filter(({ outcome }) => outcome === 'committed').map((one) => one.iteration);
        expect(progress.steps.map(({ iteration }) => iteration)).toEqual([0, ...commits]);
        expect(progress.attempts.filter(({ level }) => level === null).length).toBe(
          all.filter((one) => one.ratio === null).length,
        );
      }),
    );
  });

  it('multiplies the gains of the commits, and sees each attempt from its own champion', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const progress = progressOf({ records: recordsOf(all), headToHead: null }, evidenceOf(100), base)!;
        let champion = 100;
        for (const [at, one] of all.entries()) {
          if (one.ratio === null) continue;
          expect(progress.attempts[at]!.level!.at).toBeCloseTo(champion * one.ratio, 6);
          if (one.isCommitted) champion *= one.ratio;
        }
        expect(progress.steps.at(-1)!.level).toBeCloseTo(champion, 6);
      }),
    );
  });

  it('sees an attempt from the champion that it was measured against, though a later one is there', () => {
    const records = recordsOf([
      { ratio: 0.5, isCommitted: true },
      { ratio: 0.9, isCommitted: false },
    ]);
    const late = { ...records[1]!, champion: base };
    const progress = progressOf({ records: [records[0]!, late], headToHead: null }, evidenceOf(100), base)!;
    expect(progress.attempts[1]!.level!.at).toBeCloseTo(90, 9);
  });

  it('goes back to the level of the tree that a failing champion was left for', () => {
    const records = recordsOf([
      { ratio: 0.5, isCommitted: true },
      { ratio: 0.5, isCommitted: true },
    ]);
    const back = {
      ...records[1]!,
      ...{ iteration: 3, outcome: 'failed', reason: 'champion-failed', verdict: null },
      candidate: { tree: records[0]!.candidate!.tree, commit: shaOf(3) },
    } as IterationRecord;
    const { steps } = progressOf({ records: [...records, back], headToHead: null }, evidenceOf(100), base)!;
    expect(steps.map(({ level }) => level)).toEqual([100, 50, 25, 50]);
  });

  it('tells the measured total from the base on, and nothing before a pair was measured', () => {
    const headToHead = { ratio: 0.4, interval: [0.35, 0.45], better: 'lower' } as unknown as HeadToHead;
    const records = recordsOf([{ ratio: 0.5, isCommitted: true }]);
    expect(progressOf({ records, headToHead }, evidenceOf(100), base)!.measured).toEqual({ at: 40, low: 35, high: 45 });
    expect(progressOf({ records, headToHead }, new Map(), base)).toBeNull();
  });
});

it('A level undoes a sample, whatever the direction, the sign, or whether differences are judged.', () => {
  const value = fc.double({ min: 0.5, max: 100, noNaN: true });
  const terms = fc.record({
    better: fc.constantFrom('lower' as const, 'higher' as const),
    minDifference: fc.option(fc.double({ min: 1, max: 10, noNaN: true }), { nil: undefined }),
  });
  fc.assert(
    fc.property(value, value, terms, fc.constantFrom(1, -1), (from, to, { better, minDifference }, sign) => {
      const rule = { better, ...(minDifference !== undefined && { minDifference }) };
      const ratio = toRatio(toSample([sign * from, sign * to], rule));
      const level = levelOf(sign * from, { ratio, interval: [ratio, ratio] }, rule)!;
      expect(level.at).toBeCloseTo(sign * to, 6);
      expect(level.low).toBeLessThanOrEqual(level.high);
    }),
  );
});
