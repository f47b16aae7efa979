import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { withLock } from '../../adapters/lock.ts';
import { ownFile, ownProgram, programIn } from '../../adapters/own-files.ts';
import type { Self } from '../../domain/adoption/selves.ts';
import { queueOf } from '../../domain/names.ts';
import { readWorkerId } from '../../store/data-directory.ts';
import { dataPaths } from '../../store/layout.ts';
import { CommandError, exitCodes } from '../terminal/command-error.ts';
import type { Running } from './keep-running.ts';

export interface WorkerOptions {
  data: string;
  /** Settings file; default: settings.json in the data directory. */
  settings?: string;
  address: string;
  namespace: string;
  /** Address of its metrics for Prometheus, as "host:port". */
  metrics?: string;
  /** Name of the deployment that the worker is a version of. */
  deployment?: string;
  /** Leaves the queue that all workers share to the others. */
  ownQueueOnly?: boolean;
  /** A build whose code it runs; default: this code's own. One that does not poll in time is ended. */
  self?: Self | null;
}

interface Readiness {
  workerId: string;
  queue: string;
  deployment?: {
    deploymentName: string;
    buildId: string;
    /** `set`: the worker has made this version current, since none was. */
    currency: 'set' | 'current' | 'not current' | null;
    /** The command that makes it current. */
    makeCurrent: string;
  };
}

export type WorkerProcess = Running & Readiness;

/** Exit codes of worker/worker.ts. */
const workerExits = { sandboxUnavailable: 3, dataDirectoryInUse: 4 };
/** Time in which a build's worker must poll. */
const selfReadyMs = 120_000;
/** Running steps may end in this time; others take them over. */
const drainTimeoutMs = 30_000;

/** Starts a worker that ends with this process, and waits until it polls. Null where another has the directory. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess | null> {
  const child = spawnWorker(options);
  const complaint = collectTail(child.stderr);
  const ended = child.then(({ exitCode }) => exitCode ?? null);
  const late = options.self && setTimeout(() => child.kill('SIGKILL'), selfReadyMs);
  const ready = await Promise.race([readReadiness(child.stdout), ended.then((code) => ({ code }))]);
  if (late) clearTimeout(late);
  const stop = async () => {
    child.kill();
    await child;
  };
  if ('workerId' in ready) return { ...ready, ended, stop };
  if (ready.code === workerExits.dataDirectoryInUse) return null;
  const lines = complaint();
  const exitCode = ready.code === workerExits.sandboxUnavailable ? exitCodes.sandbox : exitCodes.error;
  const { workerLog } = dataPaths(options.data);
  const silent = `worker: ended with exit code ${ready.code ?? 'none'} before it was ready; see ${workerLog}`;
  throw new CommandError(lines.length > 0 ? lines : silent, exitCode);
}

/** Watches another process's worker: it has ended when its lock is free. `stop` only ends the watching. */
export function otherWorker(data: string): Running {
  const watching = new AbortController();
  const { workerLock } = dataPaths(data);
  const ended = withLock(workerLock, () => Promise.resolve(undefined), { signal: watching.signal }).catch(
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

function spawnWorker({ data, address, namespace, ownQueueOnly, self, ...flags }: WorkerOptions) {
  const names = ['settings', 'metrics', 'deployment'] as const;
  const named = names.flatMap((name) => (flags[name] ? [`--${name}`, flags[name]] : []));
  const args = ['--data', data, ...named, ...(ownQueueOnly ? ['--own-queue-only'] : [])];
  const { file, execArgv } = self ? programIn(self.directory, 'worker/worker.ts') : ownProgram('worker/worker.ts');
  return execa(process.execPath, [...execArgv, file, ...args], {
    // The loader of a checkout takes its settings from here; in the environment, command sources would get them too.
    cwd: self?.directory ?? ownFile(''),
    // A process group of its own: Ctrl-C reaches it through us, after the loop was paused.
    detached: true,
    stdin: 'ignore',
    ipc: true,
    buffer: false,
    reject: false,
    forceKillAfterDelay: drainTimeoutMs,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
  });
}

function readReadiness(stdout: NodeJS.ReadableStream): Promise<Readiness> {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as Readiness);
    });
  });
}

/** Returns the worker's errors, without the prefix that the command line adds; after a crash, its own line. */
function collectTail(stderr: NodeJS.ReadableStream): () => string[] {
  let text = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-16_384)));
  return () => {
    const lines = text.trim().split('\n').filter(Boolean);
    const first = lines.findIndex((line) => line.startsWith('error: '));
    if (first >= 0) return lines.slice(first).map((line) => line.replace(/^error: /, ''));
    const crash = lines.find((line) => /^(?:[A-Z]\w*)?Error\b/.test(line)) ?? lines.at(-1);
    return crash ? [`worker: ${crash}`] : [];
  };
}
