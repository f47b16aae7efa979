import { describe, expect, it } from 'vitest';
import { createMachineLock, type MachineLock, type HeldSandbox } from '../../adapters/machine-lock.ts';
import { tryLock } from '../../adapters/lock.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';

const sandbox: Pick<Sandbox, 'run' | 'selfTest'> = {
  run: () => Promise.reject(new Error('nothing is to be run here')),
  selfTest: (tools) => Promise.resolve(tools),
};

describe('the machine-wide lock', () => {
  it('hands out the sandbox while it holds the machine, and tells how long it waited', async () => {
    const waits: number[] = [];
    const lock = createMachineLock(sandbox, { onWaited: (seconds) => waits.push(seconds) });
    const found = await lock.exclusively(async ({ selfTest }) => {
      expect(await tryLock(process.env['KARPATHY_LOOP_LOCK']!)).toBeNull();
      return selfTest(['node']);
    });
    expect(found).toEqual(['node']);
    expect(waits).toEqual([expect.any(Number)]);
  });

  it('lets a waiter give up', async () => {
    const lock = createMachineLock(sandbox);
    const waiting = lock.exclusively(() =>
      lock.exclusively(() => Promise.resolve('never'), AbortSignal.abort(new Error('too long'))),
    );
    await expect(waiting).rejects.toThrow('too long');
  });

  it('cannot be waited for with what its holder is handed, nor be held without waiting: neither compiles', () => {
    const runHeld = (sandbox: HeldSandbox) => sandbox.selfTest([]);
    const waitAndRun = (lock: MachineLock) => lock.exclusively(runHeld);
    const wrong = [
      // @ts-expect-error a held sandbox is no lock to wait for
      (held: HeldSandbox) => waitAndRun(held),
      // @ts-expect-error a lock is no held sandbox
      (lock: MachineLock) => runHeld(lock),
      // @ts-expect-error nobody but the lock makes a held sandbox
      () => runHeld(sandbox),
    ];
    expect(wrong).toHaveLength(3);
  });
});
