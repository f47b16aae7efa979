import type { Command } from 'commander';
import { toBlock } from '../../domain/text.ts';
import { print } from '../terminal/progress.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { targetOf, withClient } from '../backend/connection.ts';
import { dataDirectory, makeDataDirectory } from '../../store/data-directory.ts';
import { onInterrupt, untilAborted } from '../terminal/interrupt.ts';
import { addServerFlags, type ServerFlags } from '../backend/server-flags.ts';
import { startSelf } from '../adoption/kept-self.ts';
import type { WorkerProcess } from '../backend/worker-process.ts';
import { dataPaths } from '../../store/layout.ts';

interface WorkerFlags extends ServerFlags {
  settings?: string;
  metrics?: string;
  deployment?: string;
}

export function define(command: Command): void {
  addServerFlags(command)
    .option('--settings <file>', 'grants to loops (default: settings.json in the data directory; without one, none)')
    .option('--metrics <host:port>', 'serve Prometheus metrics there, for all who reach it (127.0.0.1:9464, say)')
    .option('--deployment <name>', 'be a version of it (Worker Versioning): open iterations stay on their code')
    .action(work);
}

/** Keeps a worker in the foreground: Ctrl-C lets it drain, a second one ends it at once. */
async function work({ settings, metrics, deployment, ...flags }: WorkerFlags): Promise<void> {
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const { workerLog } = dataPaths(data);
  const target = targetOf(flags);
  await withClient(target, () => Promise.resolve());
  const { address, namespace } = target;
  const interrupt = onInterrupt();
  const own = { ...(settings && { settings }), ...(metrics && { metrics }), ...(deployment && { deployment }) };
  const worker = await startSelf({ data, address, namespace, ...own }, (said) => print(toBlock(`${said}\n`)));
  if (!worker) throw new CommandError(`worker: ${data} is in use by another worker; stop it or give another --data`);
  const place = `${worker.queue} at ${address}; log: ${workerLog}`;
  print(toBlock(`worker ${worker.workerId} polls ${place}; Ctrl-C ends it\n`));
  if (metrics) print(toBlock(`metrics: http://${metrics}/metrics\n`));
  if (worker.deployment) print(toBlock(describeDeployment(worker.deployment)));
  void untilAborted(interrupt).then(() => worker.stop());
  const code = await worker.ended;
  if (!interrupt.aborted)
    throw new CommandError(
      `worker: ended ${code === null ? 'by a signal' : `with exit code ${code}`}; see ${workerLog}`,
      code === 3 ? exitCodes.sandbox : exitCodes.error,
    );
}

function describeDeployment(deployment: NonNullable<WorkerProcess['deployment']>): string {
  const { currency } = deployment;
  const version = `version ${deployment.buildId} of deployment "${deployment.deploymentName}"`;
  if (currency === 'set') return `${version} is current now, since there was no current one\n`;
  if (currency === 'current') return `${version} is current\n`;
  return `${version} takes no new loops until it is made current:\n  ${deployment.makeCurrent}\n`;
}
