import { countTests, namingAdvice, type TestCount } from './test-count.ts';
import { failedTests, namesAll, passedTests, type NameCounts } from './test-names.ts';

/** What an output says of tests. */
export interface TestReport {
  /** Null where it does not say. */
  count: TestCount | null;
  /** Names of those that failed; null where there are none. */
  failed: string[] | null;
  /** Those that passed, as far as it names them. */
  passed: NameCounts;
  /** Set if it names all that passed. */
  isNamed: boolean;
  /** The change that makes the tests print their names, where they do not. */
  naming: string | null;
}

/** Reads the output of a run, of both streams: some runners report on standard error. @param pattern see `testCount` */
export function readTestReport(output: string, hasPassed: boolean, pattern: string | null): TestReport {
  const count = countTests(output, pattern ?? undefined);
  if (!hasPassed) return { count, failed: failedTests(output), passed: [], isNamed: false, naming: null };
  const passed = passedTests(output);
  const isNamed = count !== null && namesAll(passed, count.passed);
  return { count, failed: null, passed, isNamed, naming: isNamed ? null : namingAdvice(output) };
}
