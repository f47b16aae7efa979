import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeAtomically } from './files.ts';
import { dataPaths } from './layout.ts';

/**
 * Returns this machine's data directory: `--data`, else KARPATHY_LOOP_DATA, else the user's own.
 * Root's is in /var/lib, since the sandbox's user cannot reach root's home.
 */
export function dataDirectory(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = option ?? environment['KARPATHY_LOOP_DATA'];
  if (chosen) return resolve(chosen);
  if (process.getuid?.() === 0) return '/var/lib/karpathy-loop';
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'karpathy-loop');
}

/** Makes the data directory where it is missing. Other users may pass through it, not list it. */
export function makeDataDirectory(data: string): void {
  try {
    // The umask would cut mkdir's mode.
    if (mkdirSync(data, { recursive: true }) !== undefined) chmodSync(data, 0o711);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`data directory: ${data} cannot be made (${code}); give another with --data`);
  }
}

/** @returns undefined where no worker has run on the data directory */
export function readWorkerId(data: string): string | undefined {
  try {
    return readFileSync(dataPaths(data).workerId, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Gives the data directory a worker id if it has none. Call it under the worker's lock. */
export async function ensureWorkerId(data: string): Promise<string> {
  const known = readWorkerId(data);
  if (known && /^[a-z0-9]+$/.test(known)) return known;
  const workerId = randomBytes(6).toString('hex');
  await writeAtomically(dataPaths(data).workerId, `${workerId}\n`);
  return workerId;
}

/** Returns where downloads of all data directories are kept. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'karpathy-loop');
}
