/** Shows why an accepted candidate is not committed after all. */
export interface ChallengeObjection {
  reason: 'tests-failed' | 'guard-failed';
  detail: string;
}

/** How a candidate that the benchmark accepted fared in the checks that follow. */
export interface Challenge {
  champion: string;
  candidate: string;
  /** Null where it withstood all of them. */
  objection: ChallengeObjection | null;
}
