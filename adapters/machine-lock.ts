import { createTurns, holderOf } from './lock.ts';
import type { Sandbox } from './sandbox/contract.ts';

/** Ignores the user's TMPDIR: all users of the machine share the lock. KARPATHY_LOOP_LOCK names another, for test suites. @internal */
export const machineLockPath = process.env['KARPATHY_LOOP_LOCK'] ?? '/tmp/karpathy-loop.lock';

/** Says for a screen who has the machine. */
export function machineHolder(): string {
  const holder = holderOf(machineLockPath);
  return holder ? `held by ${holder.name} for ${holder.seconds} s` : 'which another run or a model has';
}

declare const held: unique symbol;

/** The sandbox while nothing else is measured on this machine; only `MachineLock.exclusively` hands it out. */
export interface HeldSandbox extends Pick<Sandbox, 'run' | 'selfTest'> {
  readonly [held]: true;
  /** Runs without a sandbox; only by leave of the worker's owner. */
  runOutside?: Sandbox['run'];
}

/** Waits for the machine: a sandboxed run or a model's answer beside a measurement would spoil it. */
export interface MachineLock {
  /** Tells if commands may run without a sandbox. */
  hasOutside: boolean;
  /**
   * Does work while nobody else on this machine holds the lock. Not reentrant: waiting for it again never ends.
   * @param giveUp ends the waiting, which rejects with the signal's reason
   */
  exclusively<T>(work: (sandbox: HeldSandbox) => Promise<T>, giveUp?: AbortSignal): Promise<T>;
}

interface MachineLockOptions {
  /** Who waits and holds, for other users' screens: "loop demo-1". */
  name?: string;
  runOutside?: Sandbox['run'];
  /** Ends the waiting; work that has begun is not touched. */
  signal?: AbortSignal;
  /** Told when a waiting begins. */
  onWaiting?: () => void;
  /** Told the seconds of each waiting, at its end. */
  onWaited?: (seconds: number) => void;
}

export function createMachineLock(
  { run, selfTest }: Pick<Sandbox, 'run' | 'selfTest'>,
  { name = '', runOutside, signal, onWaiting, onWaited }: MachineLockOptions = {},
): MachineLock {
  const held = { run, selfTest, ...(runOutside && { runOutside }) } as HeldSandbox;
  const withLock = createTurns(machineLockPath);
  return {
    hasOutside: runOutside !== undefined,
    exclusively(work, giveUp) {
      const asked = performance.now();
      onWaiting?.();
      const begin = () => {
        onWaited?.((performance.now() - asked) / 1000);
        return work(held);
      };
      const signals = [signal, giveUp].filter((one) => one !== undefined);
      return withLock(begin, {
        name,
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      });
    },
  };
}
