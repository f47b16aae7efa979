import { closeSync, constants, fstatSync, openSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { watchDisk, writablePlaces } from './disk.ts';
import { shellsInside } from './prlimit.ts';
import { bytesOf, measureMemory, namelessFiles, readProcessTable, type ProcessTable } from './process-table.ts';
import type { SandboxLimits, SandboxRequest } from '../contract.ts';

/** Time between two looks. */
const intervalMs = 100;
/** New files in /tmp, /dev/shm or a copied tree; a tmpfs bounds its bytes only. */
const maxInodes = 50_000;
/** Memory that the machine must keep, in bytes, when a run has taken more than its own. */
const machineReserveBytes = 256 * 2 ** 20;
/** Looks from one measurement of all shared memory to the next. */
const looksBetween = 10;
/** Clock ticks, on every Linux. */
const ticksPerSecond = 100;

export type Excess = 'oom' | 'pids' | 'disk';

/** Looks at a run from outside, ten times a second. */
export interface Poller {
  /** False where the run cannot be seen at all. */
  isSeeing: boolean;
  /** CPU time that was seen, in ms: never too much; 0 where processes are not counted. */
  cpuMs(): number;
  /** To be called once, after the run has ended. */
  stop(): void;
}

interface PollerOptions {
  /** Host's pid of the run's first process. */
  pid: number;
  request: SandboxRequest;
  /** Looks at processes and memory too. */
  countsProcesses: boolean;
  /** Called at each look that finds one. */
  onExcess: (found: Excess) => void;
}

/** Watches files in memory, the host's disk and, without a cgroup, processes and memory. A short run costs nothing. */
export function startPoller({ pid, request, countsProcesses, onExcess }: PollerOptions): Poller {
  const inside = openInside(pid, request);
  const proc = inside.proc === null ? null : pathOf(inside.proc);
  const places = writablePlaces(request);
  const disks = places.map((place) => watchDisk(place, () => (proc === null || isStopped ? [] : namelessFiles(proc))));
  const scratch = inside.scratch.map(watchScratch);
  // Memory in use there is counted as files.
  const counted = new Set([
    ...inside.scratch.map((fd) => fstatSync(fd).dev),
    ...places.map(({ path }) => statSync(path).dev),
  ]);
  const scratchBytes = () => scratch.reduce((sum, watch) => sum + watch().bytes, 0);
  const processes =
    countsProcesses && proc !== null ? watchProcesses(proc, request.limits, counted, scratchBytes) : null;
  let isStopped = false;
  const lookLater = () => setTimeout(() => void look(), intervalMs).unref();
  let timer = lookLater();

  async function look(): Promise<void> {
    try {
      const found = processes?.look() ?? (scratch.some((watch) => watch().inodes > maxInodes) ? 'disk' : null);
      if (found) onExcess(found);
      for (const isExceeded of disks) if ((await isExceeded()) && !isStopped) onExcess('disk');
    } catch {
      // A run that cannot be looked at just now is looked at again.
    }
    if (!isStopped) timer = lookLater();
  }

  return {
    isSeeing: proc !== null && scratch.length > 0,
    cpuMs: () => processes?.cpuMs() ?? 0,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      for (const fd of [...inside.scratch, ...(inside.proc === null ? [] : [inside.proc])]) closeSync(fd);
    },
  };
}

/** Opens directories of the run and keeps them open, so that no other process with the same pid is taken for it. */
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

/** Names an open file, since Node.js has no fstatfs. */
function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Reads the bytes in use in a tmpfs, and its new inodes since the start. */
function watchScratch(fd: number): () => { bytes: number; inodes: number } {
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

/** @param counted devices whose files are counted already, or are no memory */
function watchProcesses(proc: string, limits: SandboxLimits, counted: Set<number>, scratchBytes: () => number) {
  const limitBytes = limits.memoryMiB * 2 ** 20;
  const atStart = readMachine();
  let minShared = atStart.shared;
  let looks = 0;
  /** Ticks of each process when it was last seen, and of those that have ended. */
  let last: ProcessTable['ticks'] = new Map();
  let endedTicks = 0;
  const look = (): Excess | null => {
    const table = readProcessTable(proc);
    for (const [process, ticks] of last) if (!table.ticks.has(process)) endedTicks += ticks;
    last = table.ticks;
    if (table.threads > limits.processes + shellsInside) return 'pids';
    const machine = readMachine();
    const scratch = scratchBytes();
    const taken = atStart.available - machine.available;
    if (machine.available < machineReserveBytes && taken > limitBytes) return 'oom';
    minShared = Math.min(minShared, machine.shared);
    // An earlier run may free shared memory while this one takes it, so now and then all of the machine's is suspected.
    const suspected = ++looks % looksBetween === 0 ? machine.shared : machine.shared - minShared;
    const maxBytes = table.privateBytes + scratch + suspected;
    // The exact measurement costs more.
    return maxBytes >= limitBytes && exactBytes(proc, counted, scratch) >= limitBytes ? 'oom' : null;
  };
  const cpuMs = () => ([...last.values()].reduce((sum, ticks) => sum + ticks, endedTicks) * 1000) / ticksPerSecond;
  return { look, cpuMs };
}

/** Measures memory so that a file in memory counts once, mapped or not, named or not. */
function exactBytes(proc: string, counted: Set<number>, scratchBytes: number): number {
  const { privateBytes, sharedBytes } = measureMemory(proc);
  const nameless = namelessFiles(proc).reduce((sum, { device, bytes }) => sum + (counted.has(device) ? 0 : bytes), 0);
  return privateBytes + Math.max(sharedBytes, scratchBytes + nameless);
}

/** Reads memory of the whole machine, in bytes. */
function readMachine(): { available: number; shared: number } {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return { available: bytesOf(text, 'MemAvailable'), shared: bytesOf(text, 'Shmem') };
}
