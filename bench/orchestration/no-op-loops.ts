import type { Client } from '@temporalio/client';
import { residentMiB, type BenchWorker } from './processes.ts';

export type Kind = 'bare' | 'real';

export interface Ended {
  /** Iterations per second, from the first start to the last end. */
  rate: number;
  /** Loops that ended as asked: every iteration there, and nothing else. */
  whole: number;
  /** Highest resident memory, in MiB. */
  serverMiB: number;
  workerMiB: number;
}

let runs = 0;

/** Runs so many loops at once, each of so many iterations, with activities that do nothing. */
export async function runLoops(
  client: Client,
  kind: Kind,
  worker: BenchWorker,
  serverPid: number,
  loops: number,
  iterations: number,
): Promise<Ended> {
  const run = `${kind}-${++runs}`;
  const peak = { serverMiB: 0, workerMiB: 0 };
  const look = () => {
    peak.serverMiB = Math.max(peak.serverMiB, residentMiB(serverPid));
    peak.workerMiB = Math.max(peak.workerMiB, residentMiB(worker.pid));
  };
  const timer = setInterval(look, 250);
  const began = performance.now();
  const one = async (index: number): Promise<boolean> => {
    const options = { workflowId: `${run}-${index}-${iterations}`, taskQueue: worker.queue };
    if (kind === 'bare')
      return client.workflow.execute('bareLoop', { ...options, args: [iterations] }).then(() => true);
    const { committed, iteration, stop } = (await client.workflow.execute('karpathyLoop', {
      ...options,
      args: [{}],
    })) as Record<string, unknown>;
    return committed === iterations && iteration === iterations && stop === 'iterations';
  };
  const whole = await Promise.all(Array.from({ length: loops }, (_, index) => one(index)));
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  look();
  return { rate: (loops * iterations) / seconds, whole: whole.filter(Boolean).length, ...peak };
}
