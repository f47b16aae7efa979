import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { WorkerSettings } from '../../domain/config/worker-settings.ts';
import { parseJson } from '../../adapters/json-text.ts';
import { dataPaths } from '../../store/layout.ts';
import type { BackendFacts } from './backend.ts';

/** The record that the daemon of a data directory keeps of itself. */
export interface DaemonRecord {
  pid: number;
  /** Null until its worker polls. */
  ready: BackendFacts | null;
  grants: string;
  repositories: readonly string[];
}

export function recordDaemon(data: string, record: DaemonRecord): void {
  writeFileSync(dataPaths(data).daemon, `${JSON.stringify(record)}\n`);
}

export function forgetDaemon(data: string): void {
  rmSync(dataPaths(data).daemon, { force: true });
}

/** Returns `ended` where a daemon was killed, and `none` where none was brought up, or it ended in good order. */
export function readDaemon(data: string): DaemonRecord | 'ended' | 'none' {
  try {
    const json = parseJson(readFileSync(dataPaths(data).daemon, 'utf8'), 'daemon.json');
    if (!json.ok) return 'ended';
    const record = json.value as DaemonRecord;
    return isDaemon(record.pid, data) ? record : 'ended';
  } catch {
    return 'none';
  }
}

/** Returns undefined where none runs. */
export function runningDaemon(data: string): DaemonRecord | undefined {
  const found = readDaemon(data);
  return typeof found === 'string' ? undefined : found;
}

/** Digests all that a worker lets in, beside repositories: its settings, and the variables that they name. */
export function digestGrants({ repositories: _, ...grants }: WorkerSettings): string {
  const variables = [...grants.environment, ...(grants.openai?.keyVariable ? [grants.openai.keyVariable] : [])];
  const values = variables.map((name) => [name, process.env[name] ?? null]);
  return createHash('sha256')
    .update(JSON.stringify([grants, values]))
    .digest('hex');
}

/** Another process may have its number meanwhile. */
function isDaemon(pid: number, data: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes('daemon') && words.includes(data);
  } catch {
    return false;
  }
}
