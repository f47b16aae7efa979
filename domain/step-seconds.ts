import type { LoopConfig } from './config.ts';
import { freshPairs, maxPairs } from './decision.ts';
import type { StepName } from './steps.ts';

/** Room for the machine-wide lock, which other loops may hold, and for git: seconds. */
const slack = 3_600;
/** Longest answer of a model or a command source, in seconds. */
export const answerSeconds = 3_600;

/** Longest duration of one attempt of each step, in seconds. Hangs end by the missing heartbeat long before. */
export function stepSeconds({ setup, build, limits: { testSeconds, benchmarkSeconds } }: LoopConfig): Record<StepName, number> {
  const ready = (setup ? testSeconds : 0) + (build ? testSeconds : 0) + slack;
  return {
    collect: Math.ceil(ready + 2 * benchmarkSeconds),
    analyze: 60,
    hypothesize: answerSeconds + slack,
    apply: Math.ceil(ready),
    test: Math.ceil(ready + testSeconds),
    benchmark: Math.ceil(2 * ready + 2 * (1 + maxPairs + freshPairs) * benchmarkSeconds),
    commit: 600,
    rollback: 600,
  };
}
