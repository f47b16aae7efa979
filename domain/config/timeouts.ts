import { screeningPairs } from './effort.ts';
import { maxSamples } from './plan.ts';
import type { LoopConfig } from './loop-config.ts';
import { maxTestRuns } from '../protection/flaky-tests.ts';
import { maxFreshPairs, maxPairs } from '../verdict/decision.ts';
import { maxUnseededPairs } from '../verdict/integrity/unseeded.ts';
import { maxSidePairs } from '../verdict/side-metric.ts';
import type { StepName } from '../steps.ts';

/** Room for the machine-wide lock, which other loops may hold, and for git: seconds. */
const slack = 3_600;
/** Longest answer of a model or a command source, in seconds. */
export const answerSeconds = 3_600;

/** Most that tests over one broken function at a time take, in seconds. */
const aloneSeconds = 7_200;

/** Runs of a benchmark that profiling may take as long as. */
const profileRuns = { auto: 12, callgrind: 60, none: 0 } as const;

/** Longest duration of one attempt of each step, in seconds. Hangs end by the missing heartbeat long before. */
export function stepSeconds({
  setup,
  build,
  guard,
  benchmark,
  profile,
  sideMetrics,
  limits: { testSeconds, benchmarkSeconds: runSeconds },
}: LoopConfig): Record<StepName, number> {
  // A reader has the same limit again.
  const benchmarkSeconds = [benchmark, ...sideMetrics].some(({ reader }) => reader) ? 2 * runSeconds : runSeconds;
  // The base is built twice, to learn whether its build can be warmed, and then the tree.
  const ready = (setup ? testSeconds : 0) + (build ? 3 * testSeconds : 0) + slack;
  const suites = (guard ? 2 : 1) * maxTestRuns * testSeconds;
  // A new worker runs the base's tests up to three times, then its benchmark, side metrics and start-up.
  const base = suites + (13 + 2 * sideMetrics.length) * benchmarkSeconds + testSeconds;
  const pairs = 2 + maxPairs + maxFreshPairs + maxUnseededPairs + (1 + maxSidePairs) * sideMetrics.length;
  return {
    collect: Math.ceil(ready + base + (1 + profileRuns[profile]) * benchmarkSeconds),
    analyze: 60,
    hypothesize: maxSamples * answerSeconds + slack,
    // Each candidate is made ready, tested once, and run in pairs.
    screen: Math.ceil(2 * ready + base + maxSamples * (3 * testSeconds + 2 * (screeningPairs + 2) * benchmarkSeconds)),
    apply: Math.ceil(ready),
    // The candidate's, and after a failure the base's.
    test: Math.ceil(ready + base + 2 * suites),
    benchmark: Math.ceil(2 * ready + base + 2 * pairs * benchmarkSeconds),
    // Then over what was broken: on both sides, and one function at a time where tests are quick.
    challenge: Math.ceil(2 * ready + base + 2 * suites + 8 * suites + aloneSeconds),
    commit: 600,
    rollback: 600,
  };
}
