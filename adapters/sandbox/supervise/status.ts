import type { SandboxResult, SandboxStatus } from '../contract.ts';

/** Reason for which the loop killed a run, or null. */
export type KillReason = 'cancelled' | 'timeout' | 'output' | 'oom' | 'pids' | 'disk' | null;

export interface EndOfRun extends Pick<SandboxResult, 'exitCode' | 'truncated' | 'oomKills' | 'pidsHit'> {
  killedFor: KillReason;
  /** The command was started and, in bubblewrap, its end was reported. */
  isComplete: boolean;
}

/** Puts limits before the exit code: the kernel kills single processes, and a tree that lost some can still exit 0. */
export function toStatus({ killedFor, isComplete, exitCode, truncated, oomKills, pidsHit }: EndOfRun): SandboxStatus {
  if (killedFor === 'cancelled') return 'cancelled';
  if (!isComplete && killedFor === null && oomKills === 0 && pidsHit === 0) return 'sandbox-error';
  if (killedFor === 'timeout') return 'timeout';
  if (killedFor === 'oom' || oomKills > 0) return 'oom';
  if (killedFor === 'pids' || pidsHit > 0) return 'pids';
  if (killedFor === 'disk') return 'disk';
  if (truncated) return 'output';
  if (exitCode === null) return 'sandbox-error';
  // Linux has 64 signals; above, a program (npm, say) chose its exit code.
  if (exitCode > 128 && exitCode <= 192) return 'signal';
  return exitCode === 0 ? 'ok' : 'failed';
}
