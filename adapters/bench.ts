import { withLock } from './lock.ts';
import type { Sandbox } from './sandbox/contract.ts';

/** Ignores the user's TMPDIR: all users of the machine share the lock. KARPATHY_LOOP_LOCK names another, for test suites. @internal */
export const machineLock = process.env['KARPATHY_LOOP_LOCK'] ?? '/tmp/karpathy-loop.lock';

declare const held: unique symbol;

/** The sandbox while nothing else is measured on this machine; only `Bench.exclusively` hands it out. */
export interface HeldBench extends Pick<Sandbox, 'run' | 'selfTest'> {
  readonly [held]: true;
  /** Runs without a sandbox; only by leave of the worker's owner. */
  runOutside?: Sandbox['run'];
}

/** Waits for the machine: a sandboxed run or a model's answer beside a measurement would spoil it. */
export interface Bench {
  /** Tells if the bench has `runOutside`. */
  hasOutside: boolean;
  /**
   * Does work while nobody else on this machine holds the bench. Not reentrant: waiting for it again never ends.
   * @param giveUp ends the waiting, which rejects with the signal's reason
   */
  exclusively<T>(work: (bench: HeldBench) => Promise<T>, giveUp?: AbortSignal): Promise<T>;
}

interface BenchOptions {
  runOutside?: Sandbox['run'];
  /** Ends the waiting; work that has begun is not touched. */
  signal?: AbortSignal;
  /** Told the seconds of each waiting. */
  onWaited?: (seconds: number) => void;
}

export function createBench(
  { run, selfTest }: Pick<Sandbox, 'run' | 'selfTest'>,
  { runOutside, signal, onWaited }: BenchOptions = {},
): Bench {
  const bench = { run, selfTest, ...(runOutside && { runOutside }) } as HeldBench;
  return {
    hasOutside: runOutside !== undefined,
    exclusively(work, giveUp) {
      const asked = performance.now();
      const begin = () => {
        onWaited?.((performance.now() - asked) / 1000);
        return work(bench);
      };
      const signals = [signal, giveUp].filter((one) => one !== undefined);
      return withLock(machineLock, begin, signals.length > 0 ? AbortSignal.any(signals) : undefined);
    },
  };
}
