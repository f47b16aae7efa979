import { createCgroup, type CgroupVersion } from './cgroup.ts';
import { startPoller, type Excess, type Poller } from './poller.ts';
import { prlimitArguments, shellsInside } from './prlimit.ts';
import { slowDown } from './slow-down.ts';
import type { LimitsLayer, SandboxRequest } from '../contract.ts';

/** Resources that a run used. */
export interface Usage {
  /** As a control group counted them, or null. */
  counted: { cpuMs: number; peakBytes: number; oomKills: number; pidsHit: number } | null;
  /** CPU time as a poller saw it: never too much. */
  seenCpuMs: number;
}

/** Bounds one run and counts what it uses: by a control group where there can be one, else by a poller. */
export interface Limits {
  layer: LimitsLayer;
  /** Files that a process of one thread writes 0 to, to join the run's control group; none where a poller counts. */
  joins: string[];
  /** Arguments of prlimit for the command. */
  prlimit: string[];
  /** Starts to count (and to slow) by the host's pid of the run's first process. Returns false where it cannot be seen. */
  start(pid: number, kill: (found: Excess) => void): boolean;
  /** To be called once the run has ended. */
  end(): Usage;
  /** Frees everything, once the run has ended. */
  close(): Promise<void>;
}

export function createLimits(version: CgroupVersion | null, request: SandboxRequest): Limits {
  const { memoryMiB, processes } = request.limits;
  // bubblewrap itself is in the group too.
  const bounds = { memoryBytes: memoryMiB * 2 ** 20, processes: processes + shellsInside + 1 };
  const group = version && createCgroup(version, bounds);
  const layer = group ? 'cgroup' : 'polled';
  let poller: Poller | undefined;
  let endSlowing: (() => void) | undefined;
  let startMs = 0;
  return {
    layer,
    joins: group?.joins ?? [],
    prlimit: prlimitArguments(request, layer),
    start(pid, kill) {
      poller = startPoller({ pid, request, countsProcesses: !group, onExcess: kill });
      if (request.slowed) endSlowing = slowDown(pid);
      startMs = group?.cpuMs() ?? 0;
      return poller.isSeeing;
    },
    end() {
      endSlowing?.();
      const counted = group && { ...group.counters(), cpuMs: group.cpuMs() - startMs };
      return { counted, seenCpuMs: poller?.cpuMs() ?? 0 };
    },
    async close() {
      endSlowing?.();
      poller?.stop();
      await group?.remove();
    },
  };
}
