import { parseArgs } from 'node:util';
import { createActivities } from '../activities/index.ts';
import { makeDataDirectory } from '../store/data-directory.ts';
import { dataPaths } from '../store/layout.ts';
import { keepQuota } from '../store/quota.ts';
import { sweepCgroups } from '../adapters/sandbox/limits/cgroup.ts';
import { tryLock } from '../adapters/lock.ts';
import { loadCodec } from '../adapters/payload-codec.ts';
import { SandboxUnavailable } from '../adapters/sandbox/unavailable.ts';
import { makeCurrentCommand, versionIn } from './deployment.ts';
import { logLine, observe } from './log.ts';
import { openResources } from './resources.ts';
import { serve } from './serve.ts';
import { sweep } from '../store/sweep.ts';

/** Exit codes beside 0 and 1: the sandbox cannot hold; another worker has the data directory. */
const exitCodes = { sandboxUnavailable: 3, dataDirectoryInUse: 4 };

process.umask(0o022);
await main().catch((error: unknown) => {
  console.error(`error: ${(error as Error).message}`);
  process.exit(error instanceof SandboxUnavailable ? exitCodes.sandboxUnavailable : 1);
});

async function main(): Promise<void> {
  // Ends with the CLI that started it: without that nobody sees or stops the loop. Before it polls nothing drains.
  let end: () => void = () => process.exit(0);
  process.on('disconnect', () => end());
  if ('connected' in process && !process.connected) end();
  const { data: dataDirectory, settings, metrics, deployment, 'own-queue-only': ownQueueOnly } = readArguments();
  const version = deployment === undefined ? undefined : versionIn(deployment);
  makeDataDirectory(dataDirectory);
  const { workerLock, workerLog } = dataPaths(dataDirectory);
  const unlock = await tryLock(workerLock);
  if (!unlock) {
    console.error(`error: data directory ${dataDirectory} is in use by another worker; stop it or give another --data`);
    process.exit(exitCodes.dataDirectoryInUse);
  }
  observe({ file: workerLog, ...(metrics !== undefined && { metrics }) });
  const groups = (await sweepCgroups()).map((name) => `control group ${name}`);
  const swept = [...(await sweep(dataDirectory)), ...groups];
  if (swept.length > 0) logLine('removed what dead attempts left', { removed: swept });
  const { workerId, ...resources } = await openResources(dataDirectory, settings);
  const { queue } = resources;
  const encoding = await loadCodec(resources.settings.payloadCodec);
  await keepToQuota(dataDirectory, resources.settings.quotaMiB);
  await serve({
    workerId,
    queues: { own: queue, shared: !ownQueueOnly },
    activities: createActivities(resources),
    encoding,
    ...(version && { version }),
    ready(shutdown, currency) {
      end = shutdown;
      const deployed = version && { ...version, currency, makeCurrent: makeCurrentCommand(version) };
      console.log(JSON.stringify({ ready: true, workerId, queue, ...(deployed && { deployment: deployed }) }));
    },
  });
  await unlock();
  process.exit(0);
}

function readArguments() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { data: text, settings: text, metrics: text, deployment: text, 'own-queue-only': { type: 'boolean' } },
  });
  if (!values.data) throw new Error('--data: is missing; give the data directory');
  return { ...values, data: values.data };
}

/** Nothing runs yet, so that all that can be made again may go. */
async function keepToQuota(dataDirectory: string, quotaMiB: number): Promise<void> {
  const { usedMiB, removed, problem } = await keepQuota(dataDirectory, quotaMiB);
  const facts = { usedMiB: Math.ceil(usedMiB), quotaMiB };
  if (removed.length > 0) logLine('removed what can be made again, for the quota', { removed, ...facts });
  if (problem) logLine('the data directory is above its quota: no new loop begins here', facts);
}
