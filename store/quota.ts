import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { discard } from './discard.ts';
import { usedMiB } from './disk-space.ts';
import { dataPaths, loopPaths } from './layout.ts';

/** Counts the running steps of each loop of one data directory. */
export interface Usage {
  /** Runs a step; meanwhile nothing of its loop is removed for the quota. */
  during: <T>(loopId: string, run: () => Promise<T>) => Promise<T>;
  /** Loops of which a step runs. */
  loops: () => readonly string[];
}

/** Made once by the worker that has the data directory. */
export function createUsage(): Usage {
  const running = new Map<string, number>();
  const during = async <T>(loopId: string, run: () => Promise<T>) => {
    running.set(loopId, (running.get(loopId) ?? 0) + 1);
    try {
      return await run();
    } finally {
      const others = running.get(loopId)! - 1;
      if (others > 0) running.set(loopId, others);
      else running.delete(loopId);
    }
  };
  return { during, loops: () => [...running.keys()] };
}

export interface QuotaState {
  usedMiB: number;
  /** Relative to the data directory, in order. */
  removed: string[];
  /** Why no new loop may begin, with the remedy; null below the quota. */
  problem: string | null;
}

/**
 * Removes set-ups, and files of loops at rest, the oldest first, while a data directory exceeds its quota.
 * @param asker loop whose own step asks; null where no step runs
 */
export async function keepQuota(
  data: string,
  quotaMiB: number,
  usage: Usage = createUsage(),
  asker: string | null = null,
): Promise<QuotaState> {
  let used = await usedMiB(data);
  const removed: string[] = [];
  for (const { path, loop } of used > quotaMiB ? await removable(data) : []) {
    if (used <= quotaMiB) break;
    const size = await usedMiB(path).catch(() => 0);
    const mayGo = () => {
      const others = usage.loops().filter((one) => one !== asker);
      return loop === null ? others.length === 0 : loop !== asker && !others.includes(loop);
    };
    if (!(await discard(data, path, mayGo).catch(() => false))) continue;
    used -= size;
    removed.push(relative(data, path));
  }
  const fact = `the worker's data directory holds ${Math.ceil(used)} MiB, more than its quota of ${quotaMiB} MiB`;
  const remedy = `remove ended loops (npx karpathy-loop clean <loopId>), or raise "quotaMiB" in the worker's settings`;
  return { usedMiB: used, removed, problem: used > quotaMiB ? `quota: ${fact}; ${remedy}` : null };
}

/** Lists set-ups, whose loop is null since any may use them, and what loops can make again; the oldest first. */
async function removable(data: string): Promise<{ path: string; loop: string | null }[]> {
  const { setups, loops } = dataPaths(data);
  const candidates = [
    ...(await readdir(setups).catch(() => [])).map((name) => ({ path: join(setups, name), loop: null })),
    ...(await readdir(loops).catch(() => [])).flatMap((name) => {
      const { trees, collections } = loopPaths(join(loops, name));
      return [trees, collections].map((path) => ({ path, loop: decodeURIComponent(name) }));
    }),
  ];
  const found = await Promise.all(
    candidates.map(async (one) => {
      const facts = await stat(one.path).catch(() => null);
      return facts?.isDirectory() ? [{ ...one, changedMs: facts.mtimeMs }] : [];
    }),
  );
  return found.flat().sort((a, b) => a.changedMs - b.changedMs);
}
