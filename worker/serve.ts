import { setFlagsFromString } from 'node:v8';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { bundleWorkflowCode, NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Encoding } from '../adapters/payload-codec.ts';
import type { createActivities } from '../activities/index.ts';
import { isPackage, ownFile } from '../adapters/own-files.ts';
import { sharedQueue } from '../domain/names.ts';
import { toLine } from '../domain/text.ts';
import { deploymentOptions, makeCurrentIfNone, type Currency, type DeploymentVersion } from './deployment.ts';

interface ServeOptions {
  workerId: string;
  /** The queues that are polled. */
  queues: { own: string; shared: boolean };
  activities: ReturnType<typeof createActivities>;
  encoding?: Encoding | undefined;
  /** Version of the workers of a deployment; without one this worker is unversioned. */
  version?: DeploymentVersion;
  /** Called once they are polled, with how to end: what runs is given up, to be done again by another attempt. */
  ready: (shutdown: () => void, currency: Currency | null) => void;
}

/** Polls this worker's queues until it is shut down. Connects as Temporal's variables and configuration file say. */
export async function serve({ workerId, queues, activities, encoding, version, ready }: ServeOptions): Promise<void> {
  const { own, shared } = queues;
  // A heap otherwise grows up to fourfold before it is cleared, and a worker for hours.
  setFlagsFromString('--heap-growing-percent=50');
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    const address = connectionOptions.address ?? 'localhost:7233';
    const cause = toLine((error as Error).message, 300);
    throw new Error(`temporal: no server answers at ${address}; correct the address, or start the server (${cause})`);
  });
  const workflowBundle = await bundleWorkflows();
  const workers = await Promise.all(
    [own, ...(shared ? [sharedQueue] : [])].map((taskQueue) =>
      Worker.create({
        connection,
        namespace,
        taskQueue,
        workflowBundle,
        activities,
        ...(encoding && { dataConverter: encoding }),
        identity: `karpathy-loop ${workerId}`,
        ...(version && deploymentOptions(version)),
        // Most steps of the own queue may wait for the machine-wide lock: one without room looks like a lost host.
        // New iterations are taken on a few at a time.
        maxConcurrentActivityTaskExecutions: taskQueue === own ? 500 : 20,
        // A killed worker's workflow tasks are taken over after 2 s instead of 10.
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '1s',
      }),
    ),
  );
  const shutdown = () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
  const ended = Promise.all(workers.map((worker) => worker.run()));
  // The server learns of a version by its polls, and only then lets it be current.
  const known = version
    ? Promise.race([makeCurrentIfNone(connection, namespace, version), ended.then(() => null)])
    : Promise.resolve(null);
  await Promise.all([ended, known.then((currency) => ready(shutdown, currency))]);
  await connection.close();
}

/** The package has a bundle; KARPATHY_LOOP_BUNDLE names one that saves each of the test suites' workers some seconds. */
async function bundleWorkflows(): Promise<WorkflowBundleOption> {
  const codePath = isPackage ? ownFile('workflows/bundle.js') : process.env['KARPATHY_LOOP_BUNDLE'];
  return codePath ? { codePath } : bundleWorkflowCode({ workflowsPath: ownFile('workflows/index.ts') });
}
