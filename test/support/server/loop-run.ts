import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { PreparedLoop, RollbackInput, Steps } from '../../../domain/steps.ts';
import type { CarriedState } from '../../../workflows/loop-state.ts';
import type { karpathyLoop } from '../../../workflows/loop.ts';
import { scriptedPrepared, scriptedSteps } from './scripted-steps.ts';
import { startWorker } from './temporal.ts';

export type LoopHandle = WorkflowHandleWithFirstExecutionRunId<typeof karpathyLoop>;

export interface LoopScript {
  limits?: Partial<PreparedLoop['limits']>;
  steps?: Partial<Steps>;
  carried?: Partial<CarriedState>;
}

/** What a scripted loop was seen to do. */
export interface LoopLog {
  /** Iterations that began, by number and champion. */
  began: string[];
  /** What the rollback was asked to record. */
  rolledBack: RollbackInput[];
  finished: number;
  prepared: number;
}

/** Runs a loop with scripted steps, under its id and on a queue of the same name, for as long as `use` lasts. */
export async function withLoop<T>(
  env: TestWorkflowEnvironment,
  id: string,
  { limits, steps = {}, carried }: LoopScript,
  use: (handle: LoopHandle, log: LoopLog) => Promise<T>,
): Promise<T> {
  const log: LoopLog = { began: [], rolledBack: [], finished: 0, prepared: 0 };
  const scripted = scriptedSteps(id, {
    prepare: ({ loopId }) => Promise.resolve(scriptedPrepared(loopId, id, limits)),
    ...steps,
  });
  const logged: Steps = {
    ...scripted,
    prepare: (input) => (log.prepared++, scripted.prepare(input)),
    collect: (input) => (log.began.push(`${input.iteration} on ${input.champion}`), scripted.collect(input)),
    rollback: (input) => (log.rolledBack.push(input), scripted.rollback(input)),
    finish: (input) => (log.finished++, scripted.finish(input)),
  };
  const stop = await startWorker(env, id, logged);
  try {
    const args: Parameters<typeof karpathyLoop> = carried === undefined ? [{}] : [{}, carried];
    return await use(
      await env.client.workflow.start<typeof karpathyLoop>('karpathyLoop', { workflowId: id, taskQueue: id, args }),
      log,
    );
  } finally {
    await stop();
  }
}

export interface Deferred {
  promise: Promise<void>;
  resolve(): void;
}

export function deferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
