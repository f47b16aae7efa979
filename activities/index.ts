import type { Steps, Timed } from '../domain/steps.ts';
import { analyze } from './analyze.ts';
import { apply } from './apply.ts';
import { benchmark } from './benchmark.ts';
import { collect } from './collect.ts';
import { commit } from './commit.ts';
import { finish } from './finish.ts';
import { hypothesize } from './hypothesize.ts';
import { prepare } from './prepare.ts';
import type { Resources } from './resources.ts';
import { rollback } from './rollback.ts';
import { test } from './test.ts';

export type { Resources } from './resources.ts';

/** The activities by the names that the Temporal UI shows, over one worker's resources. */
export function createActivities(resources: Resources): Steps {
  const step =
    <In, Out extends object>(run: (resources: Resources, input: In) => Promise<Out>) =>
    (input: In) =>
      timed(() => run(resources, input));
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
  };
}

async function timed<Out extends object>(run: () => Promise<Out>): Promise<Timed<Out>> {
  const began = performance.now();
  const answer = await run();
  return { ...answer, seconds: Math.round(performance.now() - began) / 1000 };
}
