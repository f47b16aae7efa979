import type { LimitsLayer, SandboxFault, SandboxKind, SandboxResult } from '../contract.ts';
import { toStatus } from './status.ts';
import type { SupervisedEnd } from './supervise.ts';

/** What is known of a run beside what its supervisor saw. */
export interface Accounts {
  /** Whether the command was started and, where something stands between, its end was reported. */
  complete: boolean;
  /** From a cgroup, or null. */
  counted: { cpuMs: number; peakBytes: number; oomKills: number; pidsHit: number } | null;
  /** What a poller saw, in ms. */
  seenCpuMs: number;
  limitsLayer: LimitsLayer;
  sandbox: SandboxKind;
}

export function resultOf(
  { started, killedFor, exitCode, times, listing, ...output }: SupervisedEnd,
  { complete, counted, seenCpuMs, ...kinds }: Accounts,
): SandboxResult {
  const { oomKills, pidsHit } = counted ?? { oomKills: 0, pidsHit: 0 };
  const status = toStatus({ killedFor, complete, exitCode, truncated: output.truncated, oomKills, pidsHit });
  return {
    ...output,
    ...kinds,
    status,
    fault: status === 'sandbox-error' ? 'transient' : null,
    exitCode: killedFor === null && started ? exitCode : null,
    signal: status === 'signal' ? exitCode! - 128 : null,
    ...cpuOf(counted, readTimes(times), seenCpuMs),
    peakBytes: counted?.peakBytes ?? null,
    oomKills,
    pidsHit,
    left: readListing(listing),
  };
}

/** Neither rusage nor a poller counts too much, so the larger of them is nearer to the truth. */
function cpuOf(
  counted: Accounts['counted'],
  rusageMs: number | null,
  seenMs: number,
): Pick<SandboxResult, 'cpuMs' | 'cpuSource'> {
  if (counted) return { cpuMs: counted.cpuMs, cpuSource: 'cgroup' };
  if (seenMs > (rusageMs ?? 0)) return { cpuMs: seenMs, cpuSource: 'polled' };
  return rusageMs === null ? { cpuMs: 0, cpuSource: 'none' } : { cpuMs: rusageMs, cpuSource: 'rusage' };
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
    left: null,
  } as const;
  return { ...nothing, ...kinds, ...end };
}

/** User and system seconds, as bash's `time` prints them. */
function readTimes(times: string): number | null {
  const [, user, system] = /^([0-9.]+) ([0-9.]+)$/m.exec(times) ?? [];
  return user && system ? (Number(user) + Number(system)) * 1000 : null;
}

/** None if it was not made, or not to its end. */
function readListing(listing: string): SandboxResult['left'] {
  const [list, other, end] = listing.split('\0\0').flatMap((part, index) => (index === 0 ? [part] : part.split('\0')));
  if (list === undefined || other === undefined || end !== '') return null;
  const entries = list
    .split('\0')
    .map((entry) => [entry.slice(1), entry.startsWith('+') ? 'changed' : 'same'] as const);
  const rewritten = [...other.matchAll(/^Files \/src\/(.*) and \.\/\1 differ$/gm)].map(
    ([, path]) => [path!, 'changed'] as const,
  );
  return new Map([...entries, ...rewritten]);
}
