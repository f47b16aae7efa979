import type { ReplayCoverage } from '../replay/coverage.ts';

/** Shows why an accepted candidate is not committed after all. */
export interface ChallengeObjection {
  reason: 'tests-failed' | 'guard-failed' | 'tests-blind' | 'behaviour-changed';
  detail: string;
}

/** How a candidate that the benchmark accepted fared in the checks that follow. */
export interface Challenge {
  champion: string;
  candidate: string;
  /** Null where it withstood all of them. */
  objection: ChallengeObjection | null;
  /** Coverage of the replay check; absent where it was not reached. */
  replay?: ReplayCoverage;
  /** Absent unless what it edited was broken to see whether its tests notice. */
  broken?: BrokenFacts;
}

/** Functions that a candidate edits, broken one after the other to see whether its tests notice. */
export interface BrokenFacts {
  functions: string[];
  /** Those that the visible tests do not notice; "f (its result)" where only a throw is noticed. */
  notCovered: string[];
  /** Names of what could not be broken. */
  leftOut: string[];
  /** Runs of the tests that this took, of the base's too. */
  runs: number;
}
