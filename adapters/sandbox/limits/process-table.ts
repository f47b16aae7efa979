import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Open files looked at in one reading: a run must not keep its worker busy. */
const maxOpenFiles = 4096;

/** The processes of a run at one time. */
export interface ProcessTable {
  /** Processes and threads. */
  threads: number;
  /** In bytes. Never too low: memory shared after a fork counts for each process. */
  privateBytes: number;
  /** CPU time so far, in clock ticks, by process (pid and start). */
  ticks: Map<string, number>;
}

/** Reads the processes of the pid namespace whose /proc is mounted at `proc`. */
export function readProcessTable(proc: string): ProcessTable {
  const table: ProcessTable = { threads: 0, privateBytes: 0, ticks: new Map() };
  for (const pid of pidsOf(proc)) {
    const stat = read(join(proc, pid, 'stat'));
    const status = read(join(proc, pid, 'status'));
    if (stat === null || status === null) continue;
    // The name may hold anything; after it comes field 3 of proc(5).
    const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    table.threads += Number(field[20 - 3]);
    table.privateBytes += bytesOf(status, 'RssAnon');
    table.ticks.set(`${pid}@${field[22 - 3]}`, Number(field[14 - 3]) + Number(field[15 - 3]));
  }
  return table;
}

/** Measures memory exactly, in bytes: shared memory counts once. Walks through the pages of each process. */
export function measureMemory(proc: string): { privateBytes: number; sharedBytes: number } {
  const total = { privateBytes: 0, sharedBytes: 0 };
  for (const pid of pidsOf(proc)) {
    const rollup = read(join(proc, pid, 'smaps_rollup'));
    if (rollup === null) continue;
    total.privateBytes += bytesOf(rollup, 'Pss_Anon');
    total.sharedBytes += bytesOf(rollup, 'Pss_Shmem');
  }
  return total;
}

/** A file that a process holds open and no directory names: an unlinked one, or memory of memfd_create. */
export interface NamelessFile {
  device: number;
  bytes: number;
}

/** Lists each once, whoever holds it. */
export function namelessFiles(proc: string): NamelessFile[] {
  const found = new Map<string, NamelessFile>();
  let looked = 0;
  for (const pid of pidsOf(proc)) {
    for (const fd of namesIn(join(proc, pid, 'fd'))) {
      if (++looked > maxOpenFiles) return [...found.values()];
      try {
        const stat = statSync(join(proc, pid, 'fd', fd));
        if (stat.isFile() && stat.nlink === 0)
          found.set(`${stat.dev}:${stat.ino}`, { device: stat.dev, bytes: stat.blocks * 512 });
      } catch {
        // Closed meanwhile.
      }
    }
  }
  return [...found.values()];
}

/** Reads a line of a /proc file of names and KiB, in bytes. */
export function bytesOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
}

function pidsOf(proc: string): string[] {
  return namesIn(proc).filter((name) => /^\d+$/.test(name));
}

/** Lists the children of a process, each thread's own; none where it has ended, or this kernel keeps no such list. */
export function childrenOf(pid: number): number[] {
  return namesIn(`/proc/${pid}/task`).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** Lists a directory; nothing where it cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Returns null once the process is gone. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
