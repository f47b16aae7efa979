import type { LimitsLayer, SandboxFault, SandboxKind, SandboxResult } from './run.ts';
import { toStatus } from './status.ts';
import type { SupervisedEnd } from './supervise.ts';

/** What is known of a run beside what its supervisor saw. */
export interface Accounts {
  /** Whether the command was started and, where something stands between, its end was reported. */
  complete: boolean;
  /** From a cgroup, or null. */
  counted: { cpuMs: number; peakBytes: number; oomKills: number; pidsHit: number } | null;
  limitsLayer: LimitsLayer;
  sandbox: SandboxKind;
}

export function resultOf({ started, killedFor, exitCode, times, ...output }: SupervisedEnd, { complete, counted, ...kinds }: Accounts): SandboxResult {
  const { oomKills, pidsHit } = counted ?? { oomKills: 0, pidsHit: 0 };
  const status = toStatus({ killedFor, complete, exitCode, truncated: output.truncated, oomKills, pidsHit });
  const rusageMs = readTimes(times);
  return {
    ...output,
    ...kinds,
    status,
    fault: status === 'sandbox-error' ? 'passing' : null,
    exitCode: killedFor === null && started ? exitCode : null,
    signal: status === 'signal' ? exitCode! - 128 : null,
    cpuMs: counted?.cpuMs ?? rusageMs ?? 0,
    cpuSource: counted ? 'cgroup' : rusageMs === null ? 'none' : 'rusage',
    peakBytes: counted?.peakBytes ?? null,
    oomKills,
    pidsHit,
  };
}

/** A run that was not even tried, or was over before it began. */
export function withoutRun(
  end: { status: 'sandbox-error'; fault: SandboxFault; tail: string } | { status: 'cancelled' },
  kinds: { limitsLayer: LimitsLayer; sandbox: SandboxKind },
): SandboxResult {
  const nothing = {
    exitCode: null,
    signal: null,
    wallMs: 0,
    cpuMs: 0,
    cpuSource: 'none',
    peakBytes: null,
    oomKills: 0,
    pidsHit: 0,
    outBytes: 0,
    truncated: false,
    stdout: '',
    tail: '',
    fault: null,
  } as const;
  return { ...nothing, ...kinds, ...end };
}

/** User and system seconds, as bash's `time` prints them. */
function readTimes(times: string): number | null {
  const [, user, system] = /^([0-9.]+) ([0-9.]+)$/m.exec(times) ?? [];
  return user && system ? (Number(user) + Number(system)) * 1000 : null;
}
