import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { root } from '../run-loop.ts';

export interface BenchWorker {
  pid: number;
  queue: string;
  stop(): Promise<void>;
}

/** Starts a program of this directory that serves a queue until its channel to this process closes. */
export async function startBenchWorker(
  program: string,
  args: readonly string[],
  address: string,
): Promise<BenchWorker> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', `bench/orchestration/${program}`, ...args], {
    cwd: root,
    env: { ...process.env, TEMPORAL_ADDRESS: address },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout! }).on(
      'line',
      (line) => line.startsWith('{"ready":true') && resolve((JSON.parse(line) as { queue: string }).queue),
    );
  });
  const queue = await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`${program} ended with ${String(code)}`))),
  ]);
  const stop = async () => {
    if (child.connected) child.disconnect();
    await exited;
  };
  return { pid: child.pid!, queue, stop };
}

/** Resident memory of a process now, in MiB. */
export function residentMiB(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
