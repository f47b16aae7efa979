import type { AdoptionSteps } from '../domain/adoption/adoption.ts';
import type { Checks } from '../domain/checks.ts';
import type { Steps } from '../domain/steps.ts';
import { accompany } from './adoption/accompany.ts';
import { build } from './adoption/build.ts';
import { examine } from './adoption/examine.ts';
import { inOrder } from './adoption/in-order.ts';
import { inspect } from './adoption/inspect.ts';
import { promote } from './adoption/promote.ts';
import { rehearse } from './adoption/rehearse.ts';
import { adopt, withdraw } from './adoption/settle.ts';
import { shadow } from './adoption/shadow.ts';
import { doctor } from './checks/doctor.ts';
import { pick } from './checks/pick.ts';
import { verify } from './checks/verify.ts';
import type { Resources } from './loop/resources.ts';
import { createSteps } from './step.ts';
import { analyze } from './steps/analyze.ts';
import { apply } from './steps/apply.ts';
import { benchmark } from './steps/benchmark.ts';
import { challenge } from './steps/challenge.ts';
import { collect } from './steps/collect.ts';
import { commit } from './steps/commit.ts';
import { finish } from './steps/finish.ts';
import { hypothesize } from './steps/hypothesize.ts';
import { prepare } from './steps/prepare.ts';
import { rollback } from './steps/rollback.ts';
import { screen } from './steps/screen.ts';
import { test } from './steps/test.ts';

export type { Resources } from './loop/resources.ts';

/** The activities by the names that the Temporal UI shows, over one worker's resources. */
export function createActivities(resources: Resources): Steps & Checks & AdoptionSteps {
  const { onWorker, onLoop, inIteration } = createSteps(resources);
  return {
    prepare: onWorker(prepare),
    collect: inIteration(collect),
    analyze: inIteration(analyze),
    hypothesize: inIteration(hypothesize),
    screen: inIteration(screen),
    apply: inIteration(apply),
    test: inIteration(test),
    benchmark: inIteration(benchmark),
    challenge: inIteration(challenge),
    commit: inIteration(commit),
    rollback: inIteration(rollback),
    finish: onLoop(finish),
    verify: onWorker(verify),
    pick: onWorker(pick),
    doctor: onWorker(doctor),
    inspect: onWorker(inOrder('inspect', inspect)),
    build: onWorker(inOrder('build', build)),
    rehearse: onWorker(inOrder('rehearse', rehearse)),
    shadow: onWorker(inOrder('shadow', shadow)),
    examine: onWorker(inOrder('examine', examine)),
    promote: onWorker(inOrder('promote', promote)),
    accompany: onWorker(inOrder('accompany', accompany)),
    adopt: onWorker(inOrder('adopt', adopt)),
    withdraw: onWorker(inOrder('withdraw', withdraw)),
  };
}
