import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTurns, holderOf, tryLock, withLock } from '../../adapters/lock.ts';

let path: string;
let others: ChildProcess[];

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'lock-test-')), 'lock');
  others = [];
});
afterEach(() => {
  for (const other of others) other.kill('SIGKILL');
  rmSync(dirname(path), { recursive: true });
});

describe('turns', () => {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('let short works go on for as long as they waited, and free the lock when there is no more', async () => {
    const order: string[] = [];
    const [long, short] = [createTurns(path), createTurns(path)];
    const one = (name: string, ms: number) => async () => {
      order.push(name);
      await wait(ms);
    };
    const first = long(one('long', 2_000));
    await expect.poll(() => order).toEqual(['long']);
    const shorts = (async () => {
      for (let left = 3; left > 0; left--) await short(one('short', 20));
    })();
    await expect.poll(waiters).toBe(1);
    await first;
    await Promise.all([shorts, long(one('long', 0))]);
    expect(order).toEqual(['long', 'short', 'short', 'short', 'long']);
    await expect.poll(async () => await tryLock(path).then((release) => release?.().then(() => 'free'))).toBe('free');
  });

  it('are of one work where nobody had to wait', async () => {
    const work = createTurns(path);
    await work(() => wait(50));
    const release = await tryLock(path);
    expect(release).not.toBeNull();
    await release!();
  });

  function waiters(): number {
    const { ino } = statSync(path);
    return readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .filter((one) => one.includes(' -> ') && one.includes(`:${ino} `)).length;
  }
});

describe('withLock', () => {
  it('returns what the work returned and frees the lock, also after an error', async () => {
    expect(await withLock(path, () => Promise.resolve(42))).toBe(42);
    await expect(withLock(path, () => Promise.reject(new Error('work failed')))).rejects.toThrow('work failed');
    expect(await withLock(path, () => Promise.resolve('free'))).toBe('free');
  });

  it('lets one holder in at a time, in one process too', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(path, work)));
    expect(most).toBe(1);
  });

  it('tells by which name it is held and for how long, and nothing while it is free or its holder gave none', async () => {
    expect(holderOf(path)).toBeNull();
    const name = 'loop demo-1\u001b[31m';
    await withLock(
      path,
      () => expect.poll(() => holderOf(path)).toEqual({ name: 'loop demo-1', seconds: expect.any(Number) as number }),
      { name },
    );
    expect(holderOf(path)).toBeNull();
    const release = await tryLock(path);
    expect(holderOf(path)).toBeNull();
    await release!();
  });

  it('waits for a holder in another process, and is let in when that is killed by SIGKILL', async () => {
    const other = await holdElsewhere();
    let entered = false;
    const waiting = withLock(path, () => Promise.resolve((entered = true)));
    expect(await tryLock(path)).toBeNull();
    expect(entered).toBe(false);
    other.kill('SIGKILL');
    expect(await waiting).toBe(true);
  });

  it('is let in though a process that waited before it was killed', async () => {
    const release = (await tryLock(path))!;
    const waiter = start();
    await once(waiter.stderr!, 'data');
    waiter.kill('SIGKILL');
    await release();
    expect(await withLock(path, () => Promise.resolve('free'))).toBe('free');
  });

  it('stops waiting when its signal is aborted, and leaves no waiter behind', async () => {
    const release = (await tryLock(path))!;
    const controller = new AbortController();
    const waiting = withLock(path, () => Promise.resolve('never'), { signal: controller.signal });
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    await release();
    const again = (await tryLock(path))!;
    expect(again).not.toBeNull();
    await again();
    await expect(withLock(path, () => Promise.resolve('never'), { signal: controller.signal })).rejects.toThrow(
      'cancelled',
    );
  });

  it('does not cut off work that has begun', async () => {
    const controller = new AbortController();
    const work = async () => {
      controller.abort();
      expect(await tryLock(path)).toBeNull();
      return 'done';
    };
    expect(await withLock(path, work, { signal: controller.signal })).toBe('done');
  });
});

describe('tryLock', () => {
  it('takes a free lock, refuses a held one at once, and can be freed twice', async () => {
    const release = (await tryLock(path))!;
    expect(await tryLock(path)).toBeNull();
    await release();
    await release();
    const again = await tryLock(path);
    expect(again).not.toBeNull();
    await again!();
  });

  it('says what is wrong with a path that cannot be a lock', async () => {
    writeFileSync(path, '');
    await expect(tryLock(path)).rejects.toThrow(`lock: ${path} is not a directory; remove it`);
  });
});

async function holdElsewhere(): Promise<ChildProcess> {
  const other = start();
  await once(other.stdout!, 'data');
  return other;
}

/** A process that takes the lock, says "held" and keeps it; it says "waiting" on standard error before. */
function start(): ChildProcess {
  const lock = fileURLToPath(new URL('../../adapters/lock.ts', import.meta.url));
  const script = `
    import { withLock } from ${JSON.stringify(lock)};
    const held = withLock(${JSON.stringify(path)}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });
    setTimeout(() => console.error('waiting'), 200);
    await held;`;
  const other = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'pipe' });
  others.push(other);
  return other;
}
