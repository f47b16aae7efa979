import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkerOptions, type WorkflowBundle } from '@temporalio/worker';
import type { Steps } from '../../domain/steps.ts';

/** The official server as set-up leaves it in the cache. */
export const temporalBinary = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'karpathy-loop/temporal-1.9.1/temporal');

/** A dev server of its own, in memory, without the limit that would cost 50 ms a step. Call `teardown` at the end. */
export async function startServer(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR', forward: {} } } });
  const limits = ['history.transferProcessorMaxPollRPS=2000', 'history.timerProcessorMaxPollRPS=2000'];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary },
      log: { level: 'error', format: 'pretty' },
      extraArgs: limits.flatMap((limit) => ['--dynamic-config-value', limit]),
    },
  });
}

let bundle: Promise<WorkflowBundle> | undefined;

/** The workflows, bundled once per process. */
export function workflowBundle(): Promise<WorkflowBundle> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return (bundle ??= bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }));
}

/**
 * Starts a worker with these activities on a queue.
 * @returns a function that stops it
 */
export async function startWorker(
  { nativeConnection, namespace }: Pick<TestWorkflowEnvironment, 'nativeConnection' | 'namespace'>,
  taskQueue: string,
  activities: Partial<Steps>,
  options: Partial<WorkerOptions> = {},
): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace: namespace ?? 'default',
    taskQueue,
    activities,
    workflowBundle: await workflowBundle(),
    identity: 'test-worker',
    // A cancel travels on a heartbeat: here at once, not after four seconds.
    maxHeartbeatThrottleInterval: '100ms',
    defaultHeartbeatThrottleInterval: '100ms',
    shutdownGraceTime: '1s',
    ...options,
  });
  const running = worker.run();
  return async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
}
