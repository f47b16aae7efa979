import type { StartUp } from '../verdict/corroboration.ts';
import type { Compiling } from './compiling.ts';

/** Times of one run, in ms; no CPU time is 0. */
export interface RunTimes {
  cpuMs: number;
  wallMs: number;
}

/** A benchmark as a few runs of the base showed it. */
export interface BenchmarkFacts extends RunTimes {
  /** The metric of one run, in the benchmark's unit. */
  metric: number;
  /** Time of the command's start-up; `of` is the command that was run for it ("node -e 0"). */
  startUp: StartUp & { of: string };
  /** Time of a run after its last line on standard output, in ms; null where it prints none. */
  quietMs: number | null;
  /** Set if it goes on until a time has passed. */
  isFixedTime: boolean;
  /** A known harness that it uses, such as "tinybench"; else null. */
  harness: string | null;
  /** Commands that compile at each run, by field: "benchmark", "test". */
  compiling: Partial<Record<string, Compiling>>;
}

/** Least CPU time after start-up, in ms, of which a share can be told. */
const leastMs = 20;
/** Bounds between the work and the time of fixed work at half speed (1 and 2) and those of a fixed time (½ and 1). */
const [mostWork, mostTime] = [0.8, 1.5];

/**
 * Tells by a run at half speed if a benchmark repeats its work until a time has passed: then it does half as much.
 * @param full runs at full speed
 */
export function isFixedTime(full: readonly RunTimes[], slowed: RunTimes, startUp: StartUp): boolean {
  const worked = ({ cpuMs }: RunTimes) => cpuMs - startUp.cpuMs;
  const work = full.reduce((sum, run) => sum + worked(run), 0) / full.length;
  // The shortest, since the first run may have waited for the disk.
  const wallMs = Math.min(...full.map((run) => run.wallMs));
  return work >= leastMs && worked(slowed) <= mostWork * work && slowed.wallMs <= mostTime * wallMs;
}
