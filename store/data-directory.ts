import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandError } from '../client/terminal/command-error.ts';

/**
 * Where this machine's worker keeps its files: `--data`, else KARPATHY_LOOP_DATA, else a directory that the sandbox's user can reach
 * (root's home is closed to it, hence /var/lib for root).
 */
export function dataDirectory(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = option ?? environment['KARPATHY_LOOP_DATA'];
  if (chosen) return resolve(chosen);
  if (process.getuid?.() === 0) return '/var/lib/karpathy-loop';
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'karpathy-loop');
}

/** Makes the directory where it is missing, and returns the topmost one that had to be made. */
export function makeDataDirectory(data: string): string | undefined {
  try {
    return mkdirSync(data, { recursive: true });
  } catch (error) {
    throw new CommandError(
      `data directory: ${data} cannot be made (${(error as NodeJS.ErrnoException).code}); give another with --data`,
    );
  }
}

/** The id of the worker that this data directory belongs to, or undefined where none has run yet. */
export function readWorkerId(data: string): string | undefined {
  try {
    return readFileSync(join(data, 'worker-id'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Where downloads of all data directories are kept. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'karpathy-loop');
}
