import { maxFileMiB, writablePlaces } from './disk.ts';
import type { LimitsLayer, SandboxRequest } from '../contract.ts';

/** The first process inside and the command's `sh -c`. */
export const shellsInside = 2;

/** Lets a polled run exceed its limits a little, so that the poller sees and names it. */
const pollMargin = { processes: 16, memory: 2 };

/** Returns arguments of prlimit: limits of each process of a run, beside those that all runs have. */
export function prlimitArguments(request: SandboxRequest, layer: Exclude<LimitsLayer, 'none'>): string[] {
  const { memoryMiB, processes } = request.limits;
  const bytes = memoryMiB * 2 ** 20 * (layer === 'polled' ? pollMargin.memory : 1);
  const maxProcesses = processes + shellsInside + pollMargin.processes;
  return [
    // Not the address space (RLIMIT_AS): Node.js reserves far more of it than it uses.
    ...(layer === 'cgroup' ? [] : [`--data=${bytes}`]),
    // Counted per user namespace only if set inside one; outside it would count all that the user runs.
    ...(layer === 'polled' ? [`--nproc=${maxProcesses}:${maxProcesses}`] : []),
    ...(layer === 'rlimits' || writablePlaces(request).length > 0 ? [`--fsize=${maxFileMiB(request) * 2 ** 20}`] : []),
  ];
}
