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
  const server = readServer(data);
  try {
    // Another process may have its number meanwhile.
    const command = server && readFileSync(`/proc/${server.pid}/cmdline`, 'utf8');
    return command?.includes(dataPaths(data).serverDatabase) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** Address of a server that was killed: whoever follows a loop on it waits there. */
export function lastAddress(data: string): string | undefined {
  return readServer(data)?.address;
}

function readServer(data: string): RecordedServer | undefined {
  try {
    return JSON.parse(readFileSync(dataPaths(data).server, 'utf8')) as RecordedServer;
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
