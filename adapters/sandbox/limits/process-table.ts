import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Most open files looked at in one reading: a run must not be able to keep its worker busy. */
const mostFiles = 4096;

/** The processes of a run at one time. */
export interface ProcessTable {
  /** Processes and threads. */
  threads: number;
  /** Private memory in RAM, in bytes; what processes share after a fork counts for each, so it is never too low. */
  privateBytes: number;
  /** CPU time so far, in clock ticks, by process: its number and start. */
  ticks: Map<string, number>;
}

/**
 * Reads the processes of a pid namespace: one small file each.
 * @param proc where a /proc of that namespace is mounted
 */
export function readProcessTable(proc: string): ProcessTable {
  const table: ProcessTable = { threads: 0, privateBytes: 0, ticks: new Map() };
  for (const pid of pidsOf(proc)) {
    const stat = read(join(proc, pid, 'stat'));
    const statm = read(join(proc, pid, 'statm'));
    if (stat === null || statm === null) continue;
    // After the name, which may hold anything: state is field 3 of proc(5).
    const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [, resident, shared] = statm.split(' ').map(Number) as [number, number, number];
    table.threads += Number(field[20 - 3]);
    table.privateBytes += (resident - shared) * pageBytes;
    table.ticks.set(`${pid}@${field[22 - 3]}`, Number(field[14 - 3]) + Number(field[15 - 3]));
  }
  return table;
}

/**
 * Memory of a run as exactly as the kernel tells: what several processes share counts once. Costs a walk through the pages of each.
 * @returns bytes of private memory, and of shared memory that is mapped
 */
export function measureMemory(proc: string): { privateBytes: number; sharedBytes: number } {
  const total = { privateBytes: 0, sharedBytes: 0 };
  for (const pid of pidsOf(proc)) {
    const rollup = read(join(proc, pid, 'smaps_rollup'));
    if (rollup === null) continue;
    total.privateBytes += kibibytes(rollup, 'Pss_Anon') * 1024;
    total.sharedBytes += kibibytes(rollup, 'Pss_Shmem') * 1024;
  }
  return total;
}

/** A file that a process holds open and no directory names: an unlinked one, or memory of memfd_create. */
export interface NamelessFile {
  device: number;
  bytes: number;
}

/** Each once, whoever holds it. */
export function namelessFiles(proc: string): NamelessFile[] {
  const found = new Map<string, NamelessFile>();
  let looked = 0;
  for (const pid of pidsOf(proc)) {
    for (const fd of list(join(proc, pid, 'fd'))) {
      if (++looked > mostFiles) return [...found.values()];
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

/** A line of a file of /proc that has names and KiB. */
export function kibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

const pageBytes = readPageSize();

/** From what the kernel told this process at its start: pairs of a key and a value, each a word. */
function readPageSize(): number {
  const auxv = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= auxv.length; at += 16)
    if (auxv.readBigUInt64LE(at) === 6n) return Number(auxv.readBigUInt64LE(at + 8));
  return 4096;
}

function pidsOf(proc: string): string[] {
  return list(proc).filter((name) => /^\d+$/.test(name));
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Null once the process is gone. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
