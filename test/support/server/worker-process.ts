import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { workerSettingsSchema } from '../../../domain/config/worker-settings.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface RunningWorker {
  process: ChildProcess;
  queue: string;
  stop(): Promise<void>;
  /** As a power cut would: no clean-up. */
  kill(): Promise<void>;
}

/** A data directory that the sandbox's user can reach. */
export function createDataDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync('/var/tmp/karpathy-loop-test-');
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The real worker process, with these settings, on a server. */
export async function startWorkerProcess(
  address: string,
  data: string,
  settings: z.input<typeof workerSettingsSchema>,
  environment: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<RunningWorker> {
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'settings.json'), JSON.stringify(settings));
  const child = spawn(process.execPath, ['--import', 'tsx', 'worker/worker.ts', '--data', data, ...flags], {
    cwd: root,
    env: { ...process.env, ...environment, TEMPORAL_ADDRESS: address },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit');
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout! }).on(
      'line',
      (line) => line.startsWith('{"ready":true') && resolve((JSON.parse(line) as { queue: string }).queue),
    );
  });
  const queue = await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`worker ended with ${String(code)}: ${said}`))),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
  };
  return { process: child, queue, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}
