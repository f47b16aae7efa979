/** Time of iterations, in seconds. */
export interface Spent {
  /** Working time of the steps that ask for hypotheses, and of the ones that measure. */
  model: number;
  benchmark: number;
  /** Waiting for the machine, which is no working time. */
  waiting: number;
}
