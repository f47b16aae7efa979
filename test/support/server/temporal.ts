import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundle,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { execa } from 'execa';
import versions from '../../../adapters/tool-versions.json' with { type: 'json' };
import type { AdoptionSteps } from '../../../domain/adoption/adoption.ts';
import type { Steps } from '../../../domain/steps.ts';

/** The official server as set-up leaves it in the cache. */
export const temporalBinary = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  `karpathy-loop/temporal-${versions.temporal}/temporal`,
);

/**
 * A dev server of its own, in memory, without the limit that would cost 50 ms a step; where TEMPORAL_TEST_ADDRESS names a server
 * (`node scripts/cluster.mjs --then …`), a namespace of its own there. Call `teardown` at the end.
 */
export async function startServer(): Promise<TestWorkflowEnvironment> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const address = process.env.TEMPORAL_TEST_ADDRESS;
  if (address)
    return TestWorkflowEnvironment.createFromExistingServer({ address, namespace: await makeNamespace(address) });
  const limits = ['history.transferProcessorMaxPollRPS=2000', 'history.timerProcessorMaxPollRPS=2000'];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary },
      log: { level: 'error', format: 'pretty' },
      extraArgs: limits.flatMap((limit) => ['--dynamic-config-value', limit]),
    },
  });
}

/** Test files that share a server share neither ids nor queues; the workers and commands that a test starts find the namespace in their environment. */
async function makeNamespace(address: string): Promise<string> {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  await execa(temporalBinary, [
    'operator',
    'namespace',
    'create',
    '--address',
    address,
    '--namespace',
    namespace,
    '--retention',
    '24h',
  ]);
  return (process.env.TEMPORAL_NAMESPACE = namespace);
}

let bundle: Promise<WorkflowBundle> | undefined;

/** The workflows as the test run has bundled them, or bundled once for this process. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const codePath = process.env['KARPATHY_LOOP_BUNDLE'];
  if (codePath) return { codePath };
  const workflowsPath = fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url));
  return (bundle ??= bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }));
}

/**
 * Starts a worker with these activities on a queue.
 * @returns a function that stops it
 */
export async function startWorker(
  { nativeConnection, namespace }: Pick<TestWorkflowEnvironment, 'nativeConnection' | 'namespace'>,
  taskQueue: string,
  activities: Partial<Steps> | Partial<AdoptionSteps>,
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
