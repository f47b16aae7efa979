import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeFlaky,
  isAllButFlaky,
  judgeTests,
  maxTestRuns,
  sumRuns,
  type BaseRuns,
  type TestRun,
} from '../../../domain/protection/flaky-tests.ts';

const pass: TestRun = { passed: true, failed: null, count: 9 };
const fail = (...names: string[]): TestRun => ({ passed: false, failed: names, count: 9 - names.length });
const unnamed: TestRun = { passed: false, failed: null, count: null };
const sound = sumRuns([pass, pass, pass]);
const withFlaky = sumRuns([pass, fail('a'), pass]);

/** Judges as the step does: runs are taken from the two lists in turn. */
function judged(
  candidate: readonly TestRun[],
  { known = sound, base = [] }: { known?: BaseRuns; base?: readonly TestRun[] },
) {
  const [mine, its]: [TestRun[], TestRun[]] = [[], []];
  for (;;) {
    const facts = { base: sumRuns(its, known), again: its.length, expected: 9 };
    const judgement = judgeTests(mine, facts);
    if (judgement.kind !== 'run') return { ...judgement, runs: mine.length, again: its.length };
    if (judgement.on === 'candidate') mine.push(candidate[mine.length] ?? candidate.at(-1)!);
    else its.push(base[its.length] ?? base.at(-1) ?? pass);
  }
}

describe('a candidate whose tests', () => {
  it('pass is run once', () => {
    expect(judged([pass], {})).toMatchObject({ kind: 'passed', runs: 1, again: 0 });
  });

  it('fail by known flaky ones passes by one of three runs, and the base is left alone', () => {
    expect(judged([fail('a'), pass], { known: withFlaky })).toMatchObject({ kind: 'passed', runs: 2, again: 0 });
    expect(judged([fail('a'), fail('a'), pass], { known: withFlaky })).toMatchObject({ kind: 'passed', runs: 3 });
    expect(judged([fail('a')], { known: withFlaky })).toMatchObject({
      kind: 'failed',
      isUnstable: true,
      runs: 3,
      again: 0,
      why: 'failed 3 of 3 runs, by tests that fail on the base too',
    });
  });

  it('fail by nameless ones is treated so where the base fails without names', () => {
    const known = sumRuns([pass, unnamed]);
    expect(judged([unnamed, pass], { known })).toMatchObject({ kind: 'passed', again: 0 });
    expect(judged([unnamed, pass], {})).toMatchObject({ kind: 'failed', isUnstable: true });
  });

  it('fail by another one as well is no known case', () => {
    expect(judged([fail('a', 'b')], { known: withFlaky })).toMatchObject({
      kind: 'failed',
      isUnstable: false,
      again: 3,
    });
  });

  it('fail once and pass once made them flaky, unless the base fails too', () => {
    expect(judged([fail('b'), pass], {})).toEqual({
      kind: 'failed',
      isUnstable: true,
      why: 'failed 1 of 2 runs on the candidate, never so on the base (6 runs)',
      runs: 2,
      again: 3,
    });
    expect(judged([fail('b'), pass], { base: [pass, fail('b')] })).toMatchObject({ kind: 'passed', runs: 2, again: 2 });
    expect(judged([fail('b'), pass], { base: [fail('c')] })).toMatchObject({ kind: 'failed', again: 3 });
  });

  it('fail twice fail for good after a run of the base, of six in all, and are repeated where that fails too', () => {
    const known = sumRuns(Array.from({ length: 6 }, () => pass));
    expect(judged([fail('b')], {})).toMatchObject({ kind: 'failed', isUnstable: false, why: '', runs: 2, again: 3 });
    expect(judged([fail('b')], { known })).toMatchObject({ kind: 'failed', isUnstable: false, runs: 2, again: 1 });
    expect(judged([fail('b'), fail('c')], { known })).toMatchObject({ kind: 'failed', isUnstable: false, again: 2 });
    expect(judged([fail('b'), fail('b'), pass], { base: [fail('b')] })).toMatchObject({ kind: 'passed', runs: 3 });
    expect(judged([fail('b')], { base: [fail('b')] })).toMatchObject({ kind: 'failed', isUnstable: true, runs: 3 });
  });

  it('cannot even be loaded leave the base alone', () => {
    const unloaded: TestRun = { passed: false, failed: ['test/a.test.mjs'], count: 0 };
    expect(judged([unloaded], {})).toMatchObject({ kind: 'failed', isUnstable: false, runs: 2, again: 0 });
    expect(judged([{ ...unloaded, count: null }], {})).toMatchObject({ kind: 'failed', again: 3 });
  });

  const run = fc.oneof(
    fc.constant(pass),
    fc.constant(unnamed),
    fc.subarray(['a', 'b', 'c'], { minLength: 1 }).map((names) => fail(...names)),
  );
  const runs = fc.array(run, { minLength: maxTestRuns, maxLength: maxTestRuns });

  it('are judged within three runs of each side, and never pass without a run that passed', () => {
    fc.assert(
      fc.property(runs, runs, fc.array(run, { maxLength: 2 }), (candidate, base, before) => {
        const end = judged(candidate, { known: sumRuns([pass, ...before]), base });
        expect(end.runs).toBeLessThanOrEqual(maxTestRuns);
        expect(end.again).toBeLessThanOrEqual(maxTestRuns);
        const passes = candidate.slice(0, end.runs).filter(({ passed }) => passed).length;
        if (end.kind === 'passed') expect(passes).toBeGreaterThan(0);
        else if (!end.isUnstable) expect(passes).toBe(0);
      }),
    );
  });

  it('fail by what the base never fails by never pass, however often they pass', () => {
    const never = run.filter(({ passed, failed }) => passed || (failed !== null && !failed.includes('b')));
    const others = fc.array(never, { minLength: maxTestRuns, maxLength: maxTestRuns });
    fc.assert(
      fc.property(runs, others, fc.array(never, { maxLength: 2 }), (candidate, base, before) => {
        const end = judged([fail('b'), ...candidate], { known: sumRuns([pass, ...before]), base });
        expect(end.kind).toBe('failed');
      }),
    );
  });
});

describe('what is known of the base', () => {
  it('grows with each run, and says itself in a line', () => {
    const grown = sumRuns([fail('b'), unnamed], withFlaky);
    expect(grown).toEqual({ runs: 5, failures: 3, flaky: ['a', 'b'], isUnnamed: true, fewest: 8 });
    expect(describeFlaky(grown)).toBe('"a", "b" failed in 3 of 5 runs of the base');
    expect(describeFlaky(sumRuns([pass, unnamed]))).toBe('they failed in 1 of 2 runs of the base');
    expect(describeFlaky(sound)).toBeNull();
    expect(describeFlaky(sumRuns([pass, fail('a', 'b', 'c', 'd', 'e', 'f', 'g')]))).toContain('"e" and 2 more failed');
  });

  it('tells a failure of nothing but flaky tests, after which all others ran and passed', () => {
    expect(isAllButFlaky(fail('a'), withFlaky)).toBe(true);
    expect(isAllButFlaky({ ...fail('a'), count: 7 }, withFlaky)).toBe(false);
    expect(isAllButFlaky({ ...fail('a'), count: null }, withFlaky)).toBe(false);
    expect(isAllButFlaky(fail('a', 'b'), withFlaky)).toBe(false);
    expect(isAllButFlaky(unnamed, sumRuns([pass, unnamed]))).toBe(false);
  });
});
