import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dataPaths } from '../../store/layout.ts';

/** The dev server that a `run` keeps on a data directory, for the commands beside it. */
export interface RecordedServer {
  address: string;
  ui: string;
  pid: number;
}

export function recordServer(data: string, server: RecordedServer): void {
  writeFileSync(dataPaths(data).server, `${JSON.stringify(server)}\n`);
}

export function forgetServer(data: string): void {
  rmSync(dataPaths(data).server, { force: true });
}

/** Undefined where none is recorded, or where its process has ended and perhaps another has its number. */
export function recordedServer(data: string): RecordedServer | undefined {
  try {
    const server = JSON.parse(readFileSync(dataPaths(data).server, 'utf8')) as RecordedServer;
    return readFileSync(`/proc/${server.pid}/cmdline`, 'utf8').includes(dataPaths(data).serverDatabase)
      ? server
      : undefined;
  } catch {
    return undefined;
  }
}
