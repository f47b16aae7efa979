import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { toLine, type CleanLine } from '../domain/text.ts';

type Release = () => Promise<void>;

interface LockOptions {
  signal?: AbortSignal | undefined;
  name?: string;
}

interface Holder {
  /** What it called itself; any user's program may have chosen it. */
  name: CleanLine;
  /** How long it has held the lock. */
  seconds: number;
}

/**
 * Does work while nobody else holds the lock; the kernel frees it when its holder dies. Not reentrant.
 * @param path directory, made if absent
 * @param options.signal ends the waiting only
 * @param options.name tells whoever waits who holds it; all users of the machine can read it
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal, name = '' }: LockOptions = {},
): Promise<T> {
  signal?.throwIfAborted();
  const release = await lock(path, { wait: true, name, ...(signal && { signal }) });
  try {
    return await work();
  } finally {
    await release!();
  }
}

/** A holder keeps the lock this long for its next work, and a turn lasts this long at most, in ms. */
const [graceMs, maxTurnMs] = [100, 30_000];

interface Turn {
  release: Release;
  ends: number;
  grace?: NodeJS.Timeout;
}

/** Makes a `withLock` for work after work, whose turns last as long as those waited for: short works get an equal share. */
export function createTurns(path: string): <T>(work: () => Promise<T>, options?: LockOptions) => Promise<T> {
  let idle: Turn | null = null;
  const begin = async ({ signal, name = '' }: LockOptions): Promise<Turn> => {
    const asked = performance.now();
    const release = await lock(path, { wait: true, name, ...(signal && { signal }) });
    const now = performance.now();
    const waited = now - asked;
    // The kernel stops all locking while it lists the locks, so that looking costs more than a short wait.
    const turn = waited < graceMs ? 0 : Math.min(maxTurnMs, waited / Math.max(1, waitersOf(path)));
    return { release: release!, ends: now + turn };
  };
  return async (work, options = {}) => {
    options.signal?.throwIfAborted();
    const turn = idle ?? (await begin(options));
    idle = null;
    clearTimeout(turn.grace);
    const began = performance.now();
    try {
      return await work();
    } finally {
      const now = performance.now();
      // To the nearest: turns that always end late would grow.
      if (now + (now - began) / 2 >= turn.ends) await turn.release();
      else {
        idle = turn;
        turn.grace = setTimeout(() => {
          idle = null;
          void turn.release();
        }, graceMs);
      }
    }
  };
}

function waitersOf(path: string): number {
  const { ino } = statSync(path);
  const locks = readFileSync('/proc/locks', 'utf8').split('\n');
  return locks.filter((line) => / -> /.test(line) && line.split(/\s+/)[6]?.endsWith(`:${ino}`)).length;
}

/** Takes the lock at once and returns how to free it, or null if somebody holds it. */
export async function tryLock(path: string): Promise<Release | null> {
  return lock(path, { wait: false, name: '' });
}

/** Tells who holds a lock and gave a name; null where nobody does, or it cannot be seen. */
export function holderOf(path: string): Holder | null {
  try {
    const { ino } = statSync(path);
    const locks = readFileSync('/proc/locks', 'utf8').split('\n');
    const held = locks.map((line) => line.split(/\s+/)).find((words) => words[5]?.endsWith(`:${ino}`) === true);
    const [, , waits, name = '', since] = readFileSync(`/proc/${held?.[4]}/cmdline`, 'utf8').split('\0');
    if (waits !== waiting || name === '') return null;
    return { name: toLine(name, 80), seconds: Math.max(0, Math.round(Date.now() / 1000 - Number(since))) };
  } catch {
    return null;
  }
}

/** Its words in the process table are how others find the holder's name and when it began. */
const waiting = 'read -r _';
const holding = `echo held && exec /bin/sh -c '${waiting}' "$0" "$(date +%s)"`;

/**
 * Lets a child hold the lock, since Node.js cannot; the child ends with us, as its standard input does.
 * Locks a directory: a sticky /tmp refuses another user's file.
 */
async function lock(
  path: string,
  { wait, name, signal }: { wait: boolean; name: string; signal?: AbortSignal },
): Promise<Release | null> {
  await makeDirectory(path);
  const mode = wait ? [] : ['--nonblock', '--conflict-exit-code', '75'];
  // Detached: a Ctrl-C at the terminal must not free the lock while the work that it covers is still being ended.
  const words = ['--exclusive', '--no-fork', ...mode, path, '/bin/sh', '-c', holding, name];
  const holder = spawn('flock', words, { stdio: 'pipe', detached: true });
  const release = () => end(holder);
  const abort = () => void holder.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const outcome = await Promise.race([held(holder), ended(holder)]);
  signal?.removeEventListener('abort', abort);
  if (signal?.aborted) {
    await release();
    throw signal.reason;
  }
  if (outcome === 'held') return release;
  if (!wait && outcome.code === 75) return null;
  throw new Error(
    `lock: ${path} cannot be locked (${outcome.message || 'flock ended'}); see that flock of util-linux is installed and that the directory can be read`,
  );
}

async function makeDirectory(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  // Whatever the umask: other users wait for it too.
  if (made !== undefined) await chmod(path, 0o755);
  if (!(await lstat(path)).isDirectory()) throw new Error(`lock: ${path} is not a directory; remove it`);
}

async function held(holder: ChildProcess): Promise<'held'> {
  await once(holder.stdout!, 'data');
  return 'held';
}

async function ended(holder: ChildProcess): Promise<{ code: number | null; message: string }> {
  let message = '';
  holder.stderr!.on('data', (chunk: Buffer) => (message += chunk.toString().trim()));
  try {
    const [code] = (await once(holder, 'close')) as [number | null];
    return { code, message };
  } catch (error) {
    return { code: null, message: (error as Error).message };
  }
}

async function end(holder: ChildProcess): Promise<void> {
  if (holder.pid === undefined || holder.exitCode !== null || holder.signalCode !== null) return;
  const closed = once(holder, 'close');
  holder.kill('SIGKILL');
  await closed;
}
