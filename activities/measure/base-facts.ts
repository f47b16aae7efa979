import type { BaseRuns } from '../../domain/protection/flaky-tests.ts';
import type { TestCount } from '../../domain/protection/test-count.ts';

/** A worker's findings about a loop's base, made once; every candidate is held against them. */
export interface BaseFacts {
  /** View of the tree that test and benchmark get, with "auto" resolved. */
  workspace: 'readonly' | 'copy';
  /** Set if ends of processes are watched, as the config says; the base passes so. */
  exitGuard: boolean;
  /** Tests that ran and passed on the base; null where the output does not say. */
  tests: SuiteCount | null;
  /** The same of the guard; null also where there is none. */
  guardTests: SuiteCount | null;
  /** Last line of the tests' output, where their number is not known and it repeats; else null. */
  ending: string | null;
  /** The same of the guard. */
  guardEnding: string | null;
  /** All runs of the tests on the base; later ones, made to judge a candidate's failure, are added. */
  testRuns: BaseRuns;
  /** The same of the guard, without names. */
  guardRuns: BaseRuns;
  /** One run of the benchmark. */
  metric: number;
  cpuMs: number;
  wallMs: number;
  /** Tells if the benchmark runs without BENCH_SEED, as it is by hand. */
  unseeded: 'works' | 'fails';
  /** Wall time of the tests. */
  testMs: number;
  /** CPU and wall time of the benchmark command's start-up, and what was run for it ("node -e 0"). */
  startUp: { cpuMs: number; wallMs: number; of: string };
}

/** A number of tests, and where it was read: some runners report on standard error, of which only the end is kept. */
export interface SuiteCount extends TestCount {
  in: 'stdout' | 'tail';
}
