import type { BenchmarkFacts } from '../../domain/benchmark/facts.ts';
import type { BaseRuns } from '../../domain/protection/flaky-tests.ts';
import type { CopyChanges } from '../trees/copied-tree.ts';
import type { TestCount } from '../../domain/protection/test-count.ts';
import type { NameCounts } from '../../domain/protection/test-names.ts';

/** A worker's findings about a loop's base, made once; every candidate is held against them. */
export interface BaseFacts extends BenchmarkFacts {
  /** View of the tree that test and benchmark get, with "auto" resolved. */
  workspace: 'readonly' | 'copy';
  /** Tests that ran and passed on the base; null where the output does not say. */
  tests: TestCount | null;
  /** The same of the guard; null also where there is none. */
  guardTests: TestCount | null;
  /** Tests that passed in all runs of the base, by name; null where the output does not name all of them. */
  testNames: NameCounts | null;
  /** The change that makes the tests print their names; null where they do, or none is known. */
  naming: string | null;
  /** Names of the guard's, as digests. */
  guardNames: NameCounts | null;
  /** Last line of the tests' output, where their number is not known and it repeats; else null. */
  ending: string | null;
  /** The same of the guard. */
  guardEnding: string | null;
  /** All runs of the tests on the base; later ones, made to judge a candidate's failure, are added. */
  testRuns: BaseRuns;
  /** The same of the guard, without names. */
  guardRuns: BaseRuns;
  /** Tells if the benchmark runs without BENCH_SEED, as it is by hand. */
  unseeded: 'works' | 'fails';
  /** The output then; absent where it fails, or nothing says. */
  unseededOutput?: string;
  /** Wall time of the tests. */
  testMs: number;
  /** Changes that runs of the base made to copies of the tree; null where they got none. */
  copyChanges: CopyChanges | null;
}
