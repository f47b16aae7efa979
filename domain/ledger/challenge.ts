import type { ReplayCoverage } from '../replay/coverage.ts';

/** Shows why an accepted candidate is not committed after all. */
export interface ChallengeObjection {
  reason: 'tests-failed' | 'guard-failed' | 'behaviour-changed';
  detail: string;
}

/** How a candidate that the benchmark accepted fared in the checks that follow. */
export interface Challenge {
  champion: string;
  candidate: string;
  /** Null where it withstood all of them. */
  objection: ChallengeObjection | null;
  /** What the replay check compared; absent where it was not reached. */
  replay?: ReplayCoverage;
}
