import type { Command } from 'commander';
import { CommandError, exitCodes } from './command-error.ts';
import { openClient, targetOf, type ServerFlags } from './connection.ts';
import { dataDirectory, makeDataDirectory } from './data-directory.ts';
import { onInterrupt } from './interrupt.ts';
import { addServerFlags } from './server-flags.ts';
import { startWorker } from './worker-process.ts';

export function define(command: Command): void {
  addServerFlags(command)
    .option('--settings <file>', 'what the worker lets in (default: settings.json in the data directory; without one, nothing)')
    .action(work);
}

/** A worker in the foreground: Ctrl-C lets it drain, a second one ends it at once. */
async function work(flags: ServerFlags & { settings?: string }): Promise<void> {
  const data = dataDirectory(flags.data);
  makeDataDirectory(data);
  const target = targetOf(flags, data);
  const client = await openClient(target);
  await client.connection.close();
  const interrupt = onInterrupt();
  const worker = await startWorker({ data, address: target.address, namespace: target.namespace, ...(flags.settings && { settings: flags.settings }) });
  if (!worker) throw new CommandError(`worker: ${data} is in use by another worker; stop it or give another --data`);
  process.stdout.write(`worker ${worker.workerId} polls ${worker.queue} at ${target.address}; log: ${data}/worker.log; Ctrl-C ends it\n`);
  const stop = () => void worker.stop();
  if (interrupt.aborted) stop();
  else interrupt.addEventListener('abort', stop);
  const code = await worker.ended;
  if (!interrupt.aborted)
    throw new CommandError(
      `worker: ended ${code === null ? 'by a signal' : `with exit code ${code}`}; see ${data}/worker.log`,
      code === 3 ? exitCodes.sandbox : exitCodes.error,
    );
}
