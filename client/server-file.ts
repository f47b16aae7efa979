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

/** Undefined where none is recorded, or where its process has ended. */
export function recordedServer(data: string): RecordedServer | undefined {
  try {
    const server = JSON.parse(readFileSync(fileOf(data), 'utf8')) as RecordedServer;
    process.kill(server.pid, 0);
    return server;
  } catch {
    return undefined;
  }
}

function fileOf(data: string): string {
  return join(data, 'server.json');
}
