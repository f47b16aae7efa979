import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The dev server that a `run` keeps on a data directory, for the commands beside it. */
export interface RecordedServer {
  address: string;
  ui: string;
  pid: number;
}

export function recordServer(data: string, server: RecordedServer): void {
  writeFileSync(fileOf(data), `${JSON.stringify(server)}\n`);
}

export function forgetServer(data: string): void {
  rmSync(fileOf(data), { force: true });
}

/** Undefined where none is recorded, or where its process has ended and perhaps another has its number. */
export function recordedServer(data: string): RecordedServer | undefined {
  try {
    const server = JSON.parse(readFileSync(fileOf(data), 'utf8')) as RecordedServer;
    return readFileSync(`/proc/${server.pid}/cmdline`, 'utf8').includes(databaseOf(data)) ? server : undefined;
  } catch {
    return undefined;
  }
}

/** Where the dev server of a data directory keeps its state. */
export function databaseOf(data: string): string {
  return join(data, 'temporal.db');
}

function fileOf(data: string): string {
  return join(data, 'server.json');
}
