import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { git, GitFailure } from '../../../adapters/git/command.ts';
import { createCache } from '../../../adapters/cache.ts';
import { createTarget } from '../../support/repository/target.ts';
import type { TestRepository } from '../../support/repository/repository.ts';

/** As the SDK does with an activity, whose context everything that it starts has. */
const context = new AsyncLocalStorage<object>();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whether what ran in a context of its own has left nothing behind that still holds that context. */
async function leavesNothing(run: () => Promise<unknown>): Promise<boolean> {
  // In a call of its own, whose variables are gone when it has returned.
  const seen = await (async () => {
    const own = {};
    await context.run(own, run);
    return new WeakRef(own);
  })();
  for (let round = 0; round < 20 && seen.deref() !== undefined; round++) {
    // What is kept for a time only, or until its handles are closed.
    vi.runAllTimers();
    await new Promise(setImmediate);
    collectGarbage();
  }
  return seen.deref() === undefined;
}

describe('what a finished activity has asked of git', () => {
  let repository: TestRepository;
  beforeAll(async () => {
    repository = await createTarget();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await repository.remove();
  });

  it('is seen by this test, if it is kept', async () => {
    const kept: unknown[] = [];
    const keep = () => Promise.resolve(kept.push(Promise.resolve()));
    expect(await leavesNothing(keep)).toBe(false);
    expect(kept).toHaveLength(1);
  });

  it('does not keep the activity in memory', async () => {
    expect(await leavesNothing(() => git(repository.path, ['rev-parse', 'HEAD']))).toBe(true);
  });

  it('does not keep it either where the answer is cached', async () => {
    const cached = createCache({ max: 10 });
    const find = () => git(repository.path, ['rev-parse', 'HEAD']);
    expect(await leavesNothing(() => cached('head', find))).toBe(true);
    const unasked = vi.fn(find);
    expect(await cached('head', unasked)).toBe(await find());
    expect(unasked).not.toHaveBeenCalled();
  });
});

it('is a failure where the output has no end, though git has ended', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'karpathy-loop-test-'));
  // What git started goes on, and may still print.
  writeFileSync(join(directory, 'git'), '#!/bin/sh\necho part\nsleep 60 &\necho $! > pid\n', { mode: 0o755 });
  vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let end: unknown = null;
    git(directory, ['rev-parse', 'HEAD']).then(
      () => (end = 'an answer'),
      (error: unknown) => (end = error),
    );
    while (end === null) {
      await new Promise(setImmediate);
      vi.runAllTimers();
    }
    expect(end).toBeInstanceOf(GitFailure);
    expect((end as GitFailure).message).toBe(`git rev-parse in ${directory}: its output had no end 10 s after it`);
  } finally {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')));
    rmSync(directory, { recursive: true });
  }
});

describe('a cache', () => {
  it('forgets what was used longest ago', async () => {
    const cached = createCache({ max: 2 });
    const find = vi.fn((answer: string) => Promise.resolve(answer));
    const ask = (key: string) => cached(key, () => find(key));
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await ask(key)).toBe(key);
    expect(find.mock.calls.flat()).toEqual(['a', 'b', 'c', 'b']);
  });

  it('asks once for those who ask meanwhile, and again after a failure', async () => {
    const cached = createCache({ max: 2 });
    const find = vi.fn().mockRejectedValueOnce(new Error('busy')).mockResolvedValue(1);
    const ask = () => cached('key', find as () => Promise<number>);
    expect((await Promise.allSettled([ask(), ask()])).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(find).toHaveBeenCalledTimes(1);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    expect(find).toHaveBeenCalledTimes(2);
  });
});
