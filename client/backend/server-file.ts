import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataPaths } from '../../store/layout.ts';

/** The dev server that a `run` keeps on a data directory, for the commands beside it. */
export interface RecordedServer {
  address: string;
  /** Address of the Temporal UI. */
  ui: string;
  pid: number;
}

const endTimeoutMs = 30_000;

export function recordServer(data: string, { address, ui, pid }: RecordedServer): void {
  writeFileSync(dataPaths(data).server, `${JSON.stringify({ address, ui, pid })}\n`);
}

export function forgetServer(data: string): void {
  rmSync(dataPaths(data).server, { force: true });
}

/** Undefined where no server is recorded, or its process has ended. */
export function recordedServer(data: string): RecordedServer | undefined {
  const { server: file, serverDatabase } = dataPaths(data);
  try {
    const server = JSON.parse(readFileSync(file, 'utf8')) as RecordedServer;
    // Another process may have its number meanwhile.
    return readFileSync(`/proc/${server.pid}/cmdline`, 'utf8').includes(serverDatabase) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the dev server that a killed command left, and tells whether there was one. Call it under the run lock. */
export async function endOrphanServer(data: string): Promise<boolean> {
  const orphan = recordedServer(data);
  if (!orphan) return false;
  signal(orphan.pid, 'SIGTERM');
  const deadline = Date.now() + endTimeoutMs;
  while (recordedServer(data) && Date.now() < deadline) await sleep(100);
  if (recordedServer(data)) signal(orphan.pid, 'SIGKILL');
  forgetServer(data);
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
