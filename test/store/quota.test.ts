import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUsage, keepQuota } from '../../store/quota.ts';
import { createDataDirectory } from '../support/server/worker-process.ts';

let data: ReturnType<typeof createDataDirectory>;
beforeEach(() => (data = createDataDirectory()));
afterEach(() => data.remove());

/** A file of 4 MiB; its directory is as old as said. */
function plant(path: string, daysOld: number): void {
  const file = join(data.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Buffer.alloc(4 * 2 ** 20, 1));
  const time = new Date(Date.now() - daysOld * 86_400_000);
  utimesSync(dirname(file), time, time);
}

it('removes nothing below the quota', async () => {
  plant('setups/a/big', 9);
  expect((await keepQuota(data.path, 100)).removed).toEqual([]);
});

it('removes what can be made again, the oldest first, and only as much as is needed', async () => {
  plant('setups/a/big', 9);
  plant('loops/old/trees/big', 8);
  plant('loops/new/collected/big', 1);
  plant('loops/old/iterations/1/decisions/big', 20);
  const { removed, usedMiB } = await keepQuota(data.path, 9);
  expect(removed).toEqual(['setups/a', 'loops/old/trees']);
  expect(usedMiB).toBeLessThanOrEqual(9);
  expect(existsSync(join(data.path, 'loops/old/iterations/1/decisions/big'))).toBe(true);
});

it('leaves alone what a running step may use', async () => {
  plant('setups/a/big', 9);
  plant('loops/busy/trees/big', 8);
  plant('loops/idle/trees/big', 7);
  const usage = createUsage();
  const state = await usage.during('busy', () => keepQuota(data.path, 1, usage, 'asker'));
  expect(state.removed).toEqual(['loops/idle/trees']);
});

it('tells the remedy where that is not enough', async () => {
  plant('loops/old/iterations/1/decisions/big', 20);
  expect((await keepQuota(data.path, 2)).problem).toMatch(
    /^quota: .* its quota of 2 MiB; remove ended loops \(npx karpathy-loop clean <loopId>\)/,
  );
});
