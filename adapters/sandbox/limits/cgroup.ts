import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { namesIn } from './process-table.ts';

const mount = '/sys/fs/cgroup';
const prefix = 'karpathy-loop-';
/** Hierarchies of version 1 in which a run has a group. */
const controllersOf1 = ['memory', 'pids', 'cpuacct'];

export type CgroupVersion = 1 | 2;

/** The control group of one run: bounds and counts its whole tree, which no process can evade. */
export interface Cgroup {
  /** Files that a process of one thread writes 0 to, to join. */
  joins: string[];
  cpuMs(): number;
  counters(): { peakBytes: number; oomKills: number; pidsHit: number };
  /** To be called once all its processes have ended. Leaves a busy group to the next worker's sweep. Never rejects. */
  remove(): Promise<void>;
}

/** Tells groups of this process from those of an earlier one with the same pid. */
const token = randomBytes(4).toString('hex');

/** Finds the version that works here by making a group; null where none can. Also removes groups of dead workers. */
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
      // Not mounted, not writable, or a controller is missing.
    }
  }
  return null;
}

/**
 * Makes the group of one run at the hierarchy's root: inside the worker's group it would keep that from being removed.
 * UNTESTED for version 2: written from the kernel's documentation.
 */
export function createCgroup(version: CgroupVersion, limits: { memoryBytes: number; processes: number }): Cgroup {
  const name = `${prefix}${process.pid}-${token}${randomBytes(4).toString('hex')}-${pidNamespace()}`;
  const is1 = version === 1;
  const places = controllersOf1.map((controller) => join(mount, is1 ? controller : '', name));
  const [memory, pids, cpu] = places as [string, string, string];
  const directories = [...new Set(places)];
  try {
    for (const directory of directories) mkdirSync(directory);
  } catch (error) {
    for (const directory of directories) if (existsSync(directory)) rmdirSync(directory);
    throw error;
  }
  writeFileSync(join(memory, is1 ? 'memory.limit_in_bytes' : 'memory.max'), String(limits.memoryBytes));
  // Swap accounting may be switched off, and there is nothing to bound then.
  if (is1) writeIfThere(join(memory, 'memory.memsw.limit_in_bytes'), String(limits.memoryBytes));
  else writeIfThere(join(memory, 'memory.swap.max'), '0');
  if (!is1) writeIfThere(join(memory, 'memory.oom.group'), '1');
  writeFileSync(join(pids, 'pids.max'), String(limits.processes));
  return {
    // Not cgroup.procs in version 1: to move a whole process the kernel waits 10 ms or more.
    joins: directories.map((directory) => join(directory, is1 ? 'tasks' : 'cgroup.procs')),
    cpuMs: () =>
      is1 ? readNumber(join(cpu, 'cpuacct.usage')) / 1e6 : readField(join(cpu, 'cpu.stat'), 'usage_usec') / 1e3,
    counters: () => ({
      peakBytes: readNumber(join(memory, is1 ? 'memory.max_usage_in_bytes' : 'memory.peak')),
      oomKills: readField(join(memory, is1 ? 'memory.oom_control' : 'memory.events'), 'oom_kill'),
      pidsHit: readField(join(pids, 'pids.events'), 'max'),
    }),
    remove: () => removeAll(directories),
  };
}

function writeIfThere(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // Absent.
  }
}

function readNumber(file: string): number {
  return Number(readFileSync(file, 'utf8'));
}

function readField(file: string, field: string): number {
  return Number(new RegExp(`^${field} (\\d+)$`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
}

/** Tries for a second: the kernel lets go of the last process a moment after its parent saw it end. */
async function removeAll(directories: string[]): Promise<void> {
  for (const directory of directories) {
    const isBusy = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EBUSY';
    const remains = () => rmdir(directory).then(() => false, isBusy);
    for (let attempt = 0; attempt < 200 && (await remains()); attempt++) await sleep(5);
  }
}

/** Removes the groups of this machine's dead workers and kills what is left in them. Returns their names. */
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

function abandonedGroups(hierarchy: string): string[] {
  const named = new RegExp(`^${prefix}(\\d+)-(\\w+)-${pidNamespace()}$`);
  return namesIn(hierarchy).filter((name) => {
    const [, pid, id = ''] = named.exec(name) ?? [];
    return Number(pid) === process.pid ? !id.startsWith(token) : pid !== undefined && !isAlive(Number(pid));
  });
}

/** Names this process's pid namespace: pids mean nothing in another, and a host may show its groups to several. */
function pidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
}

/** Kills the processes of a dead worker's group. Returns false where the group must be left alone. */
function killMembers(directory: string): boolean {
  try {
    const members = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    // 0 stands for a process of another pid namespace; a signal to it would reach ourselves.
    if (members.some((pid) => !(pid > 1) || pid === process.pid)) return false;
    for (const pid of members) process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    // A process that ended meanwhile; the removal tells the rest.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
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
