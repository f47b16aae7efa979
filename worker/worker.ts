import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { writeAtomically, type Resources } from '../activities/resources.ts';
import { tryLock, withMachineLock } from '../adapters/lock.ts';
import { createEmbeddedModel } from '../adapters/models/embedded.ts';
import type { Model } from '../adapters/models/model.ts';
import { createSandbox } from '../adapters/sandbox/create.ts';
import { SandboxUnavailable } from '../adapters/sandbox/unavailable.ts';
import { queueOf, sharedQueue } from '../domain/queue.ts';
import { readSettings } from './settings.ts';

/** Exit codes beside 0 and 1: the sandbox cannot hold; another worker has the data directory. */
const exitCodes = { sandboxUnavailable: 3, dataDirectoryInUse: 4 };

process.umask(0o022);
await main().catch((error: unknown) => {
  console.error(`error: ${(error as Error).message}`);
  process.exit(error instanceof SandboxUnavailable ? exitCodes.sandboxUnavailable : 1);
});

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, settings: { type: 'string' } } });
  const dataDirectory = values.data;
  if (!dataDirectory) throw new Error('--data: is missing; give the data directory');
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 });
  const unlock = await tryLock(join(dataDirectory, 'worker.lock'));
  if (!unlock) {
    console.error(`error: data directory ${dataDirectory} is in use by another worker; stop it or give another --data`);
    process.exit(exitCodes.dataDirectoryInUse);
  }
  const settings = await readSettings(values.settings ?? join(dataDirectory, 'settings.json'));
  const sandbox = await createSandbox({ allowUnsandboxed: settings.unsandboxed, generatedDirectory: join(dataDirectory, 'sandbox') });
  const broken = await withMachineLock(() => sandbox.selfTest(settings.tools));
  if (broken.some((problem) => problem.startsWith('sandbox:'))) throw new SandboxUnavailable(broken.join('\n'));
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const workerId = await readWorkerId(dataDirectory);
  const queue = queueOf(workerId);
  const resources: Resources = { dataDirectory, settings, sandbox, queue, embedded: embeddedOnce() };
  logTo(join(dataDirectory, 'worker.log'));
  await serve(resources, workerId);
  await unlock();
  process.exit(0);
}

async function serve(resources: Resources, workerId: string): Promise<void> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) });
  const activities = createActivities(resources);
  const workers = await Promise.all(
    [sharedQueue, resources.queue].map((taskQueue) =>
      Worker.create({
        connection,
        ...(namespace ? { namespace } : {}),
        taskQueue,
        workflowBundle,
        activities,
        identity: `karpathy-loop ${workerId}`,
        // Whatever measures waits for the machine-wide lock; a few activities side by side keep the cheap steps of other loops going.
        maxConcurrentActivityTaskExecutions: 20,
        // A killed worker's workflow tasks are taken over after 2 s instead of 10.
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '1s',
      }),
    ),
  );
  const shutdown = () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
  // The person's CLI starts this process; without it nobody would see the loop or stop it.
  process.on('disconnect', shutdown);
  console.log(JSON.stringify({ ready: true, workerId, queue: resources.queue }));
  await Promise.all(workers.map((worker) => worker.run()));
  await connection.close();
}

async function readWorkerId(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, 'worker-id');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (/^[a-z0-9]+$/.test(known.trim())) return known.trim();
  const made = randomBytes(6).toString('hex');
  await writeAtomically(file, `${made}\n`);
  return made;
}

function logTo(file: string): void {
  const stream = createWriteStream(file, { flags: 'a' });
  const logger = new DefaultLogger('INFO', ({ level, timestampNanos, message, meta }) => {
    stream.write(`${JSON.stringify({ time: new Date(Number(timestampNanos / 1_000_000n)).toISOString(), level, message, ...meta })}\n`);
  });
  Runtime.install({ logger, shutdownSignals: ['SIGTERM', 'SIGINT', 'SIGHUP'] });
}

/** Set-up may bring the engine later, so a failure is not kept. */
function embeddedOnce(): Resources['embedded'] {
  let made: Model | null = null;
  return async () => (made ??= await Promise.resolve(createEmbeddedModel()));
}
