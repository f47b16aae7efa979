import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const mount = '/sys/fs/cgroup';
const prefix = 'karpathy-loop-';
/** Hierarchies of version 1 in which a run has a group. */
const controllersOf1 = ['memory', 'pids', 'cpuacct'];

export type CgroupVersion = 1 | 2;

/** The control group of one run: bounds memory and processes of its whole tree and counts its CPU time, which no process can evade. */
export interface Cgroup {
  /** Files that a process of one thread writes 0 to, to join. */
  joins: string[];
  cpuMs(): number;
  counters(): { peakBytes: number; oomKills: number; pidsHit: number };
  /** Once all its processes have ended; a group that stays busy is left to the sweep of the next worker. Never rejects. */
  remove(): Promise<void>;
}

let made = 0;

/** Which version can be used here, found by making a group; null where none can. Also removes what killed workers left. */
export async function probeCgroup(): Promise<CgroupVersion | null> {
  await sweepCgroups();
  for (const version of [1, 2] as const) {
    try {
      const group = createCgroup(version, { memoryBytes: 64 * 2 ** 20, processes: 8 });
      try {
        group.cpuMs();
        group.counters();
      } finally {
        await group.remove();
      }
      return version;
    } catch {
      // Not mounted, not writable, or a controller is missing: the next version, or none.
    }
  }
  return null;
}

/** Makes the group of one run at the root of the hierarchy, outside the worker's own, so that a worker's group can always be removed. */
export function createCgroup(version: CgroupVersion, limits: { memoryBytes: number; processes: number }): Cgroup {
  const name = `${prefix}${process.pid}-${++made}-${pidNamespace()}`;
  return version === 1 ? createVersion1(name, limits) : createVersion2(name, limits);
}

function createVersion1(name: string, { memoryBytes, processes }: { memoryBytes: number; processes: number }): Cgroup {
  const [memory, pids, cpuacct] = controllersOf1.map((controller) => join(mount, controller, name)) as [
    string,
    string,
    string,
  ];
  const directories = [memory, pids, cpuacct];
  makeAll(directories);
  writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryBytes));
  writeIfThere(join(memory, 'memory.memsw.limit_in_bytes'), String(memoryBytes));
  writeFileSync(join(pids, 'pids.max'), String(processes));
  return {
    // Not cgroup.procs: to move a whole process the kernel waits until no other can fork, 10 ms or more.
    joins: directories.map((directory) => join(directory, 'tasks')),
    cpuMs: () => Number(readFileSync(join(cpuacct, 'cpuacct.usage'), 'utf8')) / 1e6,
    counters: () => ({
      peakBytes: Number(readFileSync(join(memory, 'memory.max_usage_in_bytes'), 'utf8')),
      oomKills: readField(join(memory, 'memory.oom_control'), 'oom_kill'),
      pidsHit: readField(join(pids, 'pids.events'), 'max'),
    }),
    remove: () => removeAll(directories),
  };
}

/** UNTESTED: written from the kernel's documentation; no machine with a writable version 2 was at hand. */
function createVersion2(name: string, { memoryBytes, processes }: { memoryBytes: number; processes: number }): Cgroup {
  const directory = join(mount, name);
  makeAll([directory]);
  writeFileSync(join(directory, 'memory.max'), String(memoryBytes));
  writeIfThere(join(directory, 'memory.swap.max'), '0');
  writeIfThere(join(directory, 'memory.oom.group'), '1');
  writeFileSync(join(directory, 'pids.max'), String(processes));
  return {
    joins: [join(directory, 'cgroup.procs')],
    cpuMs: () => readField(join(directory, 'cpu.stat'), 'usage_usec') / 1e3,
    counters: () => ({
      peakBytes: Number(readFileSync(join(directory, 'memory.peak'), 'utf8')),
      oomKills: readField(join(directory, 'memory.events'), 'oom_kill'),
      pidsHit: readField(join(directory, 'pids.events'), 'max'),
    }),
    remove: () => removeAll([directory]),
  };
}

function makeAll(directories: string[]): void {
  const done: string[] = [];
  try {
    for (const directory of directories) {
      mkdirSync(directory);
      done.push(directory);
    }
  } catch (error) {
    for (const directory of done) rmdirSync(directory);
    throw error;
  }
}

/** Swap accounting may be compiled out or switched off, where there is nothing to bound. */
function writeIfThere(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // Absent.
  }
}

function readField(file: string, field: string): number {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${field} `));
  return Number(line?.slice(field.length + 1) ?? 0);
}

/** A group is busy until the kernel has let go of its last process, which is a moment after its parent saw it end. */
async function removeAll(directories: string[]): Promise<void> {
  for (const directory of directories) {
    for (let attempt = 0; ; attempt++) {
      try {
        await rmdir(directory);
        break;
      } catch (error) {
        // The run's result matters more than an empty group.
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt >= 200) break;
        await sleep(5);
      }
    }
  }
}

/**
 * Removes the groups of workers that are gone, of this machine's and no matter which data directory, with the processes that are left in them.
 * @returns their names
 */
export async function sweepCgroups(): Promise<string[]> {
  const removed = new Set<string>();
  for (const hierarchy of [...controllersOf1.map((controller) => join(mount, controller)), mount]) {
    for (const name of abandonedGroups(hierarchy)) {
      const directory = join(hierarchy, name);
      if (!killMembers(directory)) continue;
      await removeAll([directory]);
      if (!existsSync(directory)) removed.add(name);
    }
  }
  return [...removed];
}

/** One with our own pid is of a process before us, unless we have made groups ourselves. */
function abandonedGroups(hierarchy: string): string[] {
  const named = new RegExp(`^${prefix}(\\d+)-\\d+-${pidNamespace()}$`);
  return namesIn(hierarchy).filter((name) => {
    const owner = Number(named.exec(name)?.[1] ?? NaN);
    return Number.isInteger(owner) && (owner === process.pid ? made === 0 : !isAlive(owner));
  });
}

/** A pid means something in its own namespace only, and a host may show its groups to several. */
function pidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
}

/** What a sandbox left behind is nobody's. False where it must be left alone. */
function killMembers(directory: string): boolean {
  try {
    const members = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    // Of another pid namespace, the kernel shows 0; to signal that would be to signal ourselves.
    if (members.some((pid) => !(pid > 1) || pid === process.pid)) return false;
    for (const pid of members) process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    // Ended meanwhile, as is wanted, or the group is gone or closed to us: the removal will tell.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
