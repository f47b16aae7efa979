/** Time of iterations, in seconds. */
export interface Spent {
  /** Working time of the step that asks for hypotheses, and of those that measure them: screen and benchmark. */
  model: number;
  benchmark: number;
  /** Waiting for the machine, which is no working time. */
  waiting: number;
}

/** "4.2 s", "1.5 min" or "1.6 h". */
export function timeText(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5_400 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
