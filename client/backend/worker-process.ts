import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withLock } from '../../adapters/lock.ts';
import { queueOf } from '../../domain/names.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import { readWorkerId } from '../../store/data-directory.ts';
import { endProcess } from './end-process.ts';
import type { Running } from './keep-running.ts';
import { dataPaths } from '../../store/layout.ts';

export interface WorkerOptions {
  data: string;
  /** Settings file; the worker's own default is settings.json in its data directory. */
  settings?: string;
  address: string;
  namespace: string;
  /** Where the worker serves its metrics for Prometheus, as "host:port". */
  metrics?: string;
  /** Name of the deployment that the worker is a version of. */
  deployment?: string;
  /** Leaves the queue that all workers share to the others. */
  ownQueueOnly?: boolean;
}

interface Ready {
  workerId: string;
  queue: string;
  deployment?: {
    deploymentName: string;
    buildId: string;
    /** Whether this version takes new loops; `set`: the worker has made it current, since none was. */
    currency: 'set' | 'current' | 'not current' | null;
    /** The command that makes it current. */
    makeCurrent: string;
  };
}

export type WorkerProcess = Running & Ready;

/** Exit codes of worker/worker.ts. */
const workerExits = { sandboxUnavailable: 3, dataDirectoryInUse: 4 };
/** The worker drains: it lets running steps end, or be taken over. */
const drainSeconds = 30;

/**
 * Starts a worker as a process of its own and waits until it polls. It ends when this process does (its IPC channel closes).
 * @returns null where another worker has the data directory
 */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess | null> {
  const child = spawnWorker(options);
  const complaint = collectTail(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve).once('error', () => resolve(1)));
  const ready = await Promise.race([firstReadyLine(child), ended.then((code) => ({ code }))]);
  if ('workerId' in ready) return { ...ready, ended, stop: () => endProcess(child, drainSeconds) };
  if (ready.code === workerExits.dataDirectoryInUse) return null;
  const lines = complaint();
  const exitCode = ready.code === workerExits.sandboxUnavailable ? exitCodes.sandbox : exitCodes.error;
  throw new CommandError(
    lines.length > 0
      ? lines
      : `worker: ended with exit code ${ready.code ?? 'none'} before it was ready; see ${dataPaths(options.data).workerLog}`,
    exitCode,
  );
}

/** The worker of another process on a data directory, which ends when that one lets go of it. To be stopped is to be looked at no longer. */
export function otherWorker(data: string): Running {
  const watching = new AbortController();
  const ended = withLock(dataPaths(data).workerLock, () => Promise.resolve(undefined), watching.signal).catch(
    () => undefined,
  );
  const stop = async () => {
    watching.abort();
    await ended;
  };
  return { ended, stop };
}

export function queueHere(data: string): string | undefined {
  const workerId = readWorkerId(data);
  return workerId && queueOf(workerId);
}

function spawnWorker({ data, address, namespace, ownQueueOnly, ...flags }: WorkerOptions): ChildProcess {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const passedOn = (['settings', 'metrics', 'deployment'] as const).flatMap((name) =>
    flags[name] ? [`--${name}`, flags[name]] : [],
  );
  const args = [
    '--import',
    'tsx',
    'worker/worker.ts',
    '--data',
    data,
    ...passedOn,
    ...(ownQueueOnly ? ['--own-queue-only'] : []),
  ];
  return spawn(process.execPath, args, {
    // tsx and its tsconfig are found from here, wherever the command was called.
    cwd: root,
    // A process group of its own: Ctrl-C reaches it through us, after the loop was paused.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
  });
}

function firstReadyLine(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as Ready);
    });
  });
}

/** What the worker said on standard error, without the prefix that the command line writes itself; of a crash, the error's own line. */
function collectTail(child: ChildProcess): () => string[] {
  let text = '';
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-16_384)));
  return () => {
    const lines = text.trim().split('\n').filter(Boolean);
    const first = lines.findIndex((line) => line.startsWith('error: '));
    if (first >= 0) return lines.slice(first).map((line) => line.replace(/^error: /, ''));
    const crash = lines.find((line) => /^(?:[A-Z]\w*)?Error\b/.test(line)) ?? lines.at(-1);
    return crash ? [`worker: ${crash}`] : [];
  };
}
