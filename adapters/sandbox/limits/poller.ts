import { closeSync, constants, fstatSync, openSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { watchDisk, writtenPlaces } from './disk.ts';
import { shellsInside } from '../bubblewrap/init-script.ts';
import { kibibytes, measureMemory, namelessFiles, readProcessTable, type ProcessTable } from './process-table.ts';
import type { SandboxRequest } from '../contract.ts';

/** Time between two looks, in ms. */
const intervalMs = 100;
/** New files in /tmp, /dev/shm or a copied tree; a tmpfs bounds its bytes only. */
const mostInodes = 50_000;
/** Memory that the machine must keep, in bytes, when a run has taken more than its own. */
const machineReserveBytes = 256 * 2 ** 20;
/** From one look at all shared memory to the next. */
const looksBetween = 10;
/** Per second, on Linux whatever the kernel's own. */
const ticksPerSecond = 100;

type Excess = 'oom' | 'pids' | 'disk';

/** Looks at a run from outside, ten times a second. */
export interface Poller {
  /** Whether it can see the run at all. */
  sees: boolean;
  /** CPU time that the run's processes were seen to have used, in ms: never too much; 0 where it is not asked to look. */
  cpuMs(): number;
  /** Once, after the run has ended. */
  stop(): void;
}

/**
 * Watches what the kernel does not bound: files in memory, the host's disk and, where no cgroup does, memory and processes of the whole tree.
 * The first look comes after the first interval, so a short run costs nothing.
 * @param pid of the run's first process, on the host
 * @param table whether to look at processes and memory too
 * @param onExcess called at each look that finds one
 */
export function startPoller({ pid, request, table, onExcess }: PollerOptions): Poller {
  const inside = openInside(pid, request);
  const proc = inside.proc === null ? null : pathOf(inside.proc);
  const disks = writtenPlaces(request).map((place) =>
    watchDisk(place, () => (proc === null || stopped ? [] : namelessFiles(proc))),
  );
  const scratch = inside.scratch.map(scratchWatch);
  // What lies there is counted as files.
  const counted = new Set([
    ...inside.scratch.map((fd) => fstatSync(fd).dev),
    ...writtenPlaces(request).map(({ path }) => statSync(path).dev),
  ]);
  const scratchBytes = () => scratch.reduce((sum, watch) => sum + watch().bytes, 0);
  const processes =
    table && proc !== null ? processWatch({ proc, limits: request.limits, counted, scratchBytes }) : null;
  let stopped = false;
  const lookLater = () => setTimeout(() => void look(), intervalMs).unref();
  let timer = lookLater();

  async function look(): Promise<void> {
    try {
      const found = processes?.look() ?? (scratch.some((watch) => watch().inodes > mostInodes) ? 'disk' : null);
      if (found) onExcess(found);
      for (const isExceeded of disks) if ((await isExceeded()) && !stopped) onExcess('disk');
    } catch {
      // A run that cannot be looked at just now is looked at again.
    }
    if (!stopped) timer = lookLater();
  }

  return {
    sees: proc !== null && scratch.length > 0,
    cpuMs: () => processes?.cpuMs() ?? 0,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      for (const fd of [...inside.scratch, ...(inside.proc === null ? [] : [inside.proc])]) closeSync(fd);
    },
  };
}

interface PollerOptions {
  pid: number;
  request: SandboxRequest;
  table: boolean;
  onExcess: (found: Excess) => void;
}

/** Kept open, so that another process that gets the same number is never taken for the run. */
function openInside(pid: number, { workspace }: SandboxRequest): { proc: number | null; scratch: number[] } {
  const open = (path: string) => {
    try {
      return openSync(join(`/proc/${pid}/root`, path), constants.O_RDONLY | constants.O_DIRECTORY);
    } catch {
      return null;
    }
  };
  const scratch = ['tmp', 'dev/shm', ...(workspace === 'copy' ? ['repo'] : [])].map(open);
  return { proc: open('proc'), scratch: scratch.filter((fd) => fd !== null) };
}

/** Node.js has no fstatfs. */
function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Bytes in use in a tmpfs, and inodes since the start. */
function scratchWatch(fd: number): () => { bytes: number; inodes: number } {
  const read = () => {
    const { blocks, bfree, bsize, files, ffree } = statfsSync(pathOf(fd));
    return { bytes: (blocks - bfree) * bsize, inodes: files - ffree };
  };
  const start = read().inodes;
  return () => {
    const { bytes, inodes } = read();
    return { bytes, inodes: inodes - start };
  };
}

function processWatch({ proc, limits, counted, scratchBytes }: ProcessWatchOptions): {
  look: () => Excess | null;
  cpuMs: () => number;
} {
  const limitBytes = limits.memoryMiB * 2 ** 20;
  const atStart = readMachine();
  const cpu = cpuCounter();
  let leastShared = atStart.shared;
  let looks = 0;
  const look = (): Excess | null => {
    const table = readProcessTable(proc);
    cpu.add(table);
    if (table.threads > limits.processes + shellsInside) return 'pids';
    const machine = readMachine();
    const scratch = scratchBytes();
    const taken = atStart.available - machine.available;
    if (machine.available < machineReserveBytes && taken > limitBytes) return 'oom';
    // Cheap, and only then what costs more. Others free shared memory too, an earlier run say, so now and then all of the machine's is suspected.
    leastShared = Math.min(leastShared, machine.shared);
    const suspected = ++looks % looksBetween === 0 ? machine.shared : machine.shared - leastShared;
    const most = table.privateBytes + scratch + suspected;
    return most >= limitBytes && exactBytes(proc, counted, scratch) >= limitBytes ? 'oom' : null;
  };
  return { look, cpuMs: cpu.ms };
}

interface ProcessWatchOptions {
  proc: string;
  limits: SandboxRequest['limits'];
  /** Devices whose files are counted already, or are no memory. */
  counted: ReadonlySet<number>;
  scratchBytes: () => number;
}

/** Files in memory may be mapped or not, and named or not: what is mapped is not counted again. */
function exactBytes(proc: string, counted: ReadonlySet<number>, scratchBytes: number): number {
  const { privateBytes, sharedBytes } = measureMemory(proc);
  const nameless = namelessFiles(proc).reduce((sum, { device, bytes }) => sum + (counted.has(device) ? 0 : bytes), 0);
  return privateBytes + Math.max(sharedBytes, scratchBytes + nameless);
}

/** Of the whole machine, in bytes. */
function readMachine(): { available: number; shared: number } {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return { available: kibibytes(text, 'MemAvailable') * 1024, shared: kibibytes(text, 'Shmem') * 1024 };
}

/** Adds up what each process had used when it was last seen. */
function cpuCounter(): { add: (table: ProcessTable) => void; ms: () => number } {
  let last: ProcessTable['ticks'] = new Map();
  let gone = 0;
  const add = ({ ticks }: ProcessTable) => {
    for (const [process, used] of last) if (!ticks.has(process)) gone += used;
    last = ticks;
  };
  const ms = () => ([...last.values()].reduce((sum, used) => sum + used, gone) * 1000) / ticksPerSecond;
  return { add, ms };
}
