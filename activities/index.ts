import type { Checks } from '../domain/checks.ts';
import type { Steps } from '../domain/steps.ts';
import { analyze } from './steps/analyze.ts';
import { apply } from './steps/apply.ts';
import { benchmark } from './steps/benchmark.ts';
import { collect } from './steps/collect.ts';
import { commit } from './steps/commit.ts';
import { doctor } from './checks/doctor.ts';
import { finish } from './steps/finish.ts';
import { hypothesize } from './steps/hypothesize.ts';
import { watchMachineLock } from './metrics.ts';
import { prepare } from './steps/prepare.ts';
import type { Resources } from './loop/resources.ts';
import { rollback } from './steps/rollback.ts';
import { runStep } from './step.ts';
import { test } from './steps/test.ts';
import { verify } from './checks/verify.ts';

export type { Resources } from './loop/resources.ts';

/** The activities by the names that the Temporal UI shows, over one worker's resources. */
export function createActivities(resources: Resources): Steps & Checks {
  watchMachineLock();
  const step =
    <In extends object, Out extends object>(run: (resources: Resources, input: In) => Promise<Out>) =>
    (input: In) =>
      // By the function's own name, which is the activity's.
      runStep(resources, run.name, input, () => run(resources, input));
  return {
    prepare: step(prepare),
    collect: step(collect),
    analyze: step(analyze),
    hypothesize: step(hypothesize),
    apply: step(apply),
    test: step(test),
    benchmark: step(benchmark),
    commit: step(commit),
    rollback: step(rollback),
    finish: step(finish),
    verify: step(verify),
    doctor: step(doctor),
  };
}
