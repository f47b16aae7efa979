import type { Steps } from '../domain/steps.ts';
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
  return {
    prepare: (input) => prepare(resources, input),
    collect: (input) => collect(resources, input),
    analyze: (input) => analyze(resources, input),
    hypothesize: (input) => hypothesize(resources, input),
    apply: (input) => apply(resources, input),
    test: (input) => test(resources, input),
    benchmark: (input) => benchmark(resources, input),
    commit: (input) => commit(resources, input),
    rollback: (input) => rollback(resources, input),
    finish: (input) => finish(resources, input),
  };
}
