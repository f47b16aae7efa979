import type { SandboxFault, SandboxResult } from '../contract.ts';
import type { Usage } from '../limits/limits.ts';
import { toStatus } from './status.ts';
import type { SuperviseResult } from './supervise.ts';

type Kinds = Pick<SandboxResult, 'limitsLayer' | 'sandbox'>;

/** Facts of a run beside what its supervisor saw. */
interface Accounts extends Usage, Kinds, Pick<SandboxResult, 'left'> {
  /** The command was started and, where something stands between, its end was reported. */
  isComplete: boolean;
}

export function resultOf(
  { started, killedFor, exitCode, times, ...output }: SuperviseResult,
  { isComplete, counted, seenCpuMs, ...kinds }: Accounts,
): SandboxResult {
  const { oomKills, pidsHit } = counted ?? { oomKills: 0, pidsHit: 0 };
  const status = toStatus({ killedFor, isComplete, exitCode, truncated: output.truncated, oomKills, pidsHit });
  return {
    ...output,
    ...kinds,
    status,
    fault: status === 'sandbox-error' ? 'transient' : null,
    exitCode: killedFor === null && started ? exitCode : null,
    signal: status === 'signal' ? exitCode! - 128 : null,
    ...cpuOf({ counted, seenCpuMs }, readTimes(times)),
    peakBytes: counted?.peakBytes ?? null,
    oomKills,
    pidsHit,
  };
}

/** Takes the larger of rusage and poller: neither counts too much. */
function cpuOf({ counted, seenCpuMs }: Usage, rusageMs: number | null): Pick<SandboxResult, 'cpuMs' | 'cpuSource'> {
  if (counted) return { cpuMs: counted.cpuMs, cpuSource: 'cgroup' };
  if (seenCpuMs > (rusageMs ?? 0)) return { cpuMs: seenCpuMs, cpuSource: 'polled' };
  return rusageMs === null ? { cpuMs: 0, cpuSource: 'none' } : { cpuMs: rusageMs, cpuSource: 'rusage' };
}

/** The part of a result that says why the command could not be started. */
export function sandboxError(fault: SandboxFault, problems: string[]) {
  return { status: 'sandbox-error', fault, tail: problems.join('\n') } as const;
}

/** Returns the result of a run that was not tried. */
export function withoutRun(end: Pick<SandboxResult, 'status'> & Partial<SandboxResult>, kinds: Kinds): SandboxResult {
  const nothing = {
    ...{ fault: null, exitCode: null, signal: null, wallMs: 0, cpuMs: 0, peakBytes: null },
    cpuSource: 'none',
    ...{
      oomKills: 0,
      pidsHit: 0,
      outBytes: 0,
      truncated: false,
      stdout: '',
      stderr: '',
      quietMs: null,
      movedLooks: 0,
      tail: '',
      left: null,
    },
  } as const;
  return { ...nothing, ...kinds, ...end };
}

/** Adds user and system seconds, as bash's `time` prints them, in ms. */
function readTimes(times: string): number | null {
  const [, user, system] = /^([0-9.]+) ([0-9.]+)$/m.exec(times) ?? [];
  return user && system ? (Number(user) + Number(system)) * 1000 : null;
}
