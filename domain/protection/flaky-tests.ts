/** Runs of the same tests on one tree, at most. */
export const maxTestRuns = 3;
/** Runs of the base, all together, in which a test that is flaky most likely shows itself. */
const sureRuns = 6;

/** The end of one run of a suite of tests. */
export interface TestRun {
  passed: boolean;
  /** Tests that failed; null where they passed, or the output does not name them. */
  failed: readonly string[] | null;
  /** Number of tests that passed; null where the output does not say. */
  count: number | null;
}

/** All runs of a suite on the base. It passed in one of them at least, so that whatever failed is flaky. */
export interface BaseRuns {
  runs: number;
  failures: number;
  /** Tests that failed in some of them. */
  flaky: readonly string[];
  /** Set if a run failed without naming tests. */
  isUnnamed: boolean;
  /** Smallest number of tests that passed in a run; null where it is not known. */
  fewest: number | null;
}

/** The next run that a judgement needs, or the judgement. */
export type TestJudgement =
  | { kind: 'run'; on: 'candidate' | 'base' }
  | { kind: 'passed' }
  /** `isUnstable`: another time it might pass, so that it was not judged for good. `why` is empty where one run says all. */
  | { kind: 'failed'; isUnstable: boolean; why: string };

export function sumRuns(all: readonly TestRun[], before = noRuns): BaseRuns {
  return all.reduce<BaseRuns>(
    ({ runs, failures, flaky, isUnnamed, fewest }, { passed, failed, count }) => ({
      runs: runs + 1,
      failures: failures + Number(!passed),
      flaky: passed ? flaky : [...new Set([...flaky, ...(failed ?? [])])].sort(),
      isUnnamed: isUnnamed || (!passed && failed === null),
      fewest: count === null ? fewest : Math.min(fewest ?? count, count),
    }),
    before,
  );
}

const noRuns: BaseRuns = { runs: 0, failures: 0, flaky: [], isUnnamed: false, fewest: null };

/** Tells if a run failed by nothing but tests that fail on the base now and then. */
export function isExcused({ passed, failed }: TestRun, { flaky, isUnnamed }: BaseRuns): boolean {
  return !passed && (failed === null ? isUnnamed : failed.every((name) => flaky.includes(name)));
}

/** Tells if all other tests ran and passed, as far as the output says. */
export function isAllButFlaky(run: TestRun, base: BaseRuns): boolean {
  return run.failed !== null && isExcused(run, base) && run.count !== null && run.count >= (base.fewest ?? Infinity);
}

/**
 * Judges a candidate by its runs, which may have failed by flaky tests.
 * @param again how many of the base's runs this judgement asked for
 * @param expected tests that pass on the base
 */
export function judgeTests(
  candidate: readonly TestRun[],
  { base, again, expected }: { base: BaseRuns; again: number; expected: number | null },
): TestJudgement {
  const failures = candidate.filter(({ passed }) => !passed);
  const [runs, failed] = [candidate.length, failures.length];
  const unexplained = failures.filter((run) => !isExcused(run, base));
  if (unexplained.length === 0) {
    if (failed < runs) return { kind: 'passed' };
    if (runs < maxTestRuns) return { kind: 'run', on: 'candidate' };
    return {
      kind: 'failed',
      isUnstable: true,
      why: `failed ${runs} of ${runs} runs, by tests that fail on the base too`,
    };
  }
  if (runs === 1) return { kind: 'run', on: 'candidate' };
  const why = `failed ${failed} of ${runs} runs on the candidate, never so on the base (${base.runs} runs)`;
  if (failed < runs)
    // It made them flaky, unless the base shows that they were.
    return again < maxTestRuns ? { kind: 'run', on: 'base' } : { kind: 'failed', isUnstable: true, why };
  const isLoaded = expected === null || failures.some((run) => !isUnloaded(run, expected));
  const needed = isLoaded ? Math.max(isSame(failures) ? 1 : 2, sureRuns - (base.runs - again)) : 0;
  return again < Math.min(needed, maxTestRuns)
    ? { kind: 'run', on: 'base' }
    : { kind: 'failed', isUnstable: false, why: '' };
}

/** No test passed, and fewer failed than the base has: the candidate cannot even be loaded. */
function isUnloaded({ failed, count }: TestRun, expected: number): boolean {
  return count === 0 && (failed?.length ?? 0) < expected;
}

function isSame([first, ...others]: readonly TestRun[]): boolean {
  const key = ({ failed }: TestRun) => failed && [...failed].sort().join('\n');
  return others.every((run) => key(run) === key(first!));
}

/** Longest time in ms that a candidate's tests may take: each later iteration pays for it. @param baseMs the base's */
export function longestTests(baseMs: number): number {
  return 3 * baseMs + 10_000;
}

/** Says which tests of the base are flaky, for people; null where none is. */
export function describeFlaky({ runs, failures, flaky }: BaseRuns): string | null {
  if (failures === 0) return null;
  return `${nameTests(flaky) || 'they'} failed in ${failures} of ${runs} runs of the base`;
}

/** Names the first few of tests in a line. */
export function nameTests(names: readonly string[]): string {
  const rest = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  return `${names
    .slice(0, maxNamed)
    .map((name) => JSON.stringify(name))
    .join(', ')}${rest}`;
}

const maxNamed = 5;
