import { activityInfo, ApplicationFailure, CancelledFailure, log } from '@temporalio/activity';
import { createMachineLock, machineHolder } from '../adapters/machine-lock.ts';
import type { IterationRef, LoopRef, WithSeconds } from '../domain/steps.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { StepContext } from './loop/context.ts';
import { withRoom } from './loop/disk-wait.ts';
import { checkIteration, openLoop } from './loop/open-loop.ts';
import type { Resources, WorkerContext } from './loop/resources.ts';
import { countLockWait, countStep } from './metrics.ts';

type Verb<Context, In, Out> = (context: Context, input: In) => Promise<Out>;

/** Makes activities of verbs; an activity is named as its verb's function. */
export function createSteps(resources: Resources) {
  const { sandbox, outside: runOutside } = resources;
  const step =
    <In extends LoggedInput, Out extends object>({ name }: { name: string }, verb: Verb<WorkerContext, In, Out>) =>
    (input: In): Promise<WithSeconds<Out>> => {
      const told = createTold();
      let waited = 0;
      const run = (signal: AbortSignal) => {
        const machineLock = createMachineLock(sandbox, {
          name: typeof input.loopId === 'string' ? `loop ${input.loopId}` : name,
          signal,
          onWaiting: () => told.wait(true),
          onWaited(seconds) {
            told.wait(false);
            waited += seconds;
            countLockWait(seconds);
          },
          ...(runOutside && { runOutside }),
        });
        return verb({ worker: resources, signal, machineLock, say: told.say }, input);
      };
      return runStep(resources, name, input, { run: () => withHeartbeat(run, told.text), waited: () => waited });
    };
  return {
    /** A verb that opens what it needs by itself. */
    onWorker: <In extends object, Out extends object>(verb: Verb<WorkerContext, In, Out>) => step(verb, verb),
    /** A verb on a prepared loop. */
    onLoop: <In extends LoopRef, Out extends object>(verb: Verb<StepContext, In, Out>) =>
      step<In, Out>(verb, async (context, input) => verb({ ...context, loop: await openLoop(context, input) }, input)),
    /** A verb on an iteration of a prepared loop. */
    inIteration: <In extends IterationRef, Out extends object>(verb: Verb<StepContext, In, Out>) =>
      step<In, Out>(verb, async (context, input) => {
        const loop = await openLoop(context, input);
        checkIteration(loop, input);
        return verb({ ...context, loop }, input);
      }),
  };
}

/** Facts of a step's input for its log line: they come over the wire. */
interface LoggedInput {
  loopId?: unknown;
  iteration?: unknown;
  repository?: unknown;
  config?: { repository?: unknown } | null;
}

interface Attempt<Out> {
  /** With heartbeats. */
  run: () => Promise<Out>;
  /** Waits for the machine so far, in seconds. */
  waited: () => number;
}

/** Runs a step where the disk has room: timed, counted and logged. */
async function runStep<Out extends object>(
  resources: Resources,
  name: string,
  input: LoggedInput,
  { run, waited }: Attempt<Out>,
): Promise<WithSeconds<Out>> {
  const asked = performance.now();
  let began = asked;
  const since = (time: number) => Math.round(performance.now() - time) / 1000;
  const seconds = () => since(asked);
  const facts = {
    ...(input.loopId !== undefined && { loopId: input.loopId }),
    ...(input.iteration !== undefined && { iteration: input.iteration }),
    step: name,
  };
  try {
    const repository = input.repository ?? input.config?.repository;
    const loopId = typeof input.loopId === 'string' ? input.loopId : name;
    const answer = await withRoom(resources, { name, repository }, () => {
      began = performance.now();
      return resources.usage.during(loopId, run);
    });
    const result = resultOf(answer);
    countStep(name, result, seconds(), answer);
    log.info('step', { ...facts, seconds: seconds(), result });
    const working = Math.max(0, Math.round((since(began) - waited()) * 1000) / 1000);
    return { ...answer, seconds: working, waited: waited() };
  } catch (error) {
    const result = error instanceof CancelledFailure ? 'cancelled' : 'error';
    countStep(name, result, seconds(), null);
    log.warn('step', {
      ...facts,
      seconds: seconds(),
      result,
      attempt: activityInfo().attempt,
      errorType: error instanceof ApplicationFailure ? error.type : (error as Error).name,
      error: (error as Error).message,
    });
    throw error;
  }
}

/** Keeps what a step says that it does: the detail of its heartbeats, which `run` and the Temporal UI show. */
function createTold() {
  const told = { text: '', isWaiting: false };
  return {
    say: (text: string) => void (told.text = text),
    wait: (isWaiting: boolean) => void (told.isWaiting = isWaiting),
    text: () =>
      [told.text, told.isWaiting && `waiting for the machine, ${machineHolder()}`].filter(Boolean).join('; ') ||
      undefined,
  };
}

/** Finds the word of an answer by which the loop goes on. */
function resultOf(answer: object): string {
  type Words = Record<string, unknown> & {
    objection?: { reason: string } | null;
    verdict?: { verdict?: string } | string;
  };
  const { reason, objection, verdict, outcome, kind } = answer as Words;
  const judged = typeof verdict === 'object' ? verdict.verdict : verdict;
  return [reason, objection?.reason, judged, outcome, kind].find((word) => typeof word === 'string') ?? 'done';
}
