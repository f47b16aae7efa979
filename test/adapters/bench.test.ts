import { describe, expect, it } from 'vitest';
import { createBench, type Bench, type HeldBench } from '../../adapters/bench.ts';
import { tryLock } from '../../adapters/lock.ts';
import type { Sandbox } from '../../adapters/sandbox/contract.ts';

const sandbox: Pick<Sandbox, 'run' | 'selfTest'> = {
  run: () => Promise.reject(new Error('nothing is to be run here')),
  selfTest: (tools) => Promise.resolve(tools),
};

describe('a bench', () => {
  it('hands out the sandbox while it holds the machine, and tells how long it waited', async () => {
    const waits: number[] = [];
    const bench = createBench(sandbox, { onWaited: (seconds) => waits.push(seconds) });
    const found = await bench.exclusively(async ({ selfTest }) => {
      expect(await tryLock(process.env['KARPATHY_LOOP_LOCK']!)).toBeNull();
      return selfTest(['node']);
    });
    expect(found).toEqual(['node']);
    expect(waits).toEqual([expect.any(Number)]);
  });

  it('lets a waiter give up', async () => {
    const bench = createBench(sandbox);
    const waiting = bench.exclusively(() =>
      bench.exclusively(() => Promise.resolve('never'), AbortSignal.abort(new Error('too long'))),
    );
    await expect(waiting).rejects.toThrow('too long');
  });

  it('cannot be waited for by work that holds it, nor be held without waiting: neither compiles', () => {
    const runHeld = (bench: HeldBench) => bench.selfTest([]);
    const waitAndRun = (bench: Bench) => bench.exclusively(runHeld);
    const wrong = [
      // @ts-expect-error a held bench is no bench to wait for
      (held: HeldBench) => waitAndRun(held),
      // @ts-expect-error a bench is not held
      (bench: Bench) => runHeld(bench),
      // @ts-expect-error nobody but a bench makes a held one
      () => runHeld(sandbox),
    ];
    expect(wrong).toHaveLength(3);
  });
});
