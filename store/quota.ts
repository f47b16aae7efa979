import { renameSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import { usedMiB } from './disk-space.ts';
import { removeTree } from './remove-tree.ts';
import { refused, type Resources } from '../activities/loop/resources.ts';

/** Loops by data directory, with the number of their steps that run in this process. */
const inUse = new Map<string, Map<string, number>>();

/** Runs a step of a loop; meanwhile nothing of that loop is removed for the quota. */
export async function whileInUse<T>(dataDirectory: string, loopId: string, run: () => Promise<T>): Promise<T> {
  const loops = inUse.get(dataDirectory) ?? new Map<string, number>();
  inUse.set(dataDirectory, loops);
  loops.set(loopId, (loops.get(loopId) ?? 0) + 1);
  try {
    return await run();
  } finally {
    const left = loops.get(loopId)! - 1;
    if (left > 0) loops.set(loopId, left);
    else loops.delete(loopId);
  }
}

/** What a data directory holds, and what was removed so that it holds less. */
export interface QuotaState {
  usedMiB: number;
  /** Relative to the data directory, in order. */
  removed: string[];
}

/**
 * Where a data directory holds more than its quota, removes what can be made again, the oldest first, until it does not: set-ups, and trees and
 * measurements of the champions of loops of which no step runs. Journals, answers and plans stay.
 * @param loopId whose own step asks; null where no step runs
 */
export async function keepQuota(
  dataDirectory: string,
  quotaMiB: number,
  loopId: string | null = null,
): Promise<QuotaState> {
  const state: QuotaState = { usedMiB: await usedMiB(dataDirectory), removed: [] };
  if (state.usedMiB <= quotaMiB) return state;
  for (const { path, loop } of await removable(dataDirectory)) {
    if (state.usedMiB <= quotaMiB) break;
    const size = await usedMiB(path).catch(() => 0);
    if (!(await removeUnlessUsed(dataDirectory, path, loop, loopId))) continue;
    state.usedMiB -= size;
    state.removed.push(relative(dataDirectory, path));
  }
  return state;
}

/** For `prepare`: a data directory that stays above its quota takes no new loop. @throws ApplicationFailure "Refused" */
export async function refuseAboveQuota(
  { dataDirectory, settings: { quotaMiB } }: Resources,
  loopId: string,
): Promise<void> {
  const state = await keepQuota(dataDirectory, quotaMiB, loopId);
  if (state.usedMiB <= quotaMiB) return;
  const fact = `the worker's data directory holds ${Math.ceil(state.usedMiB)} MiB, more than its quota of ${quotaMiB} MiB`;
  throw refused([
    `quota: ${fact}; remove ended loops (npx karpathy-loop clean <loopId>), or raise "quotaMiB" in the worker's settings`,
  ]);
}

interface Removable {
  path: string;
  /** Whose it is; null for a set-up, which any loop may use. */
  loop: string | null;
  changedMs: number;
}

async function removable(dataDirectory: string): Promise<Removable[]> {
  const setups = (await namesIn(join(dataDirectory, 'setups'))).map((name) => ({
    path: join(dataDirectory, 'setups', name),
    loop: null,
  }));
  const loops = (await namesIn(join(dataDirectory, 'loops'))).flatMap((name) =>
    ['trees', 'collected'].map((part) => ({
      path: join(dataDirectory, 'loops', name, part),
      loop: decodeURIComponent(name),
    })),
  );
  const found = await Promise.all(
    [...setups, ...loops].map(async (one) => {
      const facts = await stat(one.path).catch(() => null);
      return facts?.isDirectory() ? [{ ...one, changedMs: facts.mtimeMs }] : [];
    }),
  );
  return found.flat().sort((a, b) => a.changedMs - b.changedMs);
}

/** In one move, so that a step which begins meanwhile finds it whole or not at all. */
async function removeUnlessUsed(
  dataDirectory: string,
  path: string,
  loop: string | null,
  asker: string | null,
): Promise<boolean> {
  const discarded = join(dataDirectory, 'removed');
  await mkdir(discarded, { recursive: true, mode: 0o700 });
  const place = join(discarded, randomUUID());
  // From here to the move nothing else of this process can begin.
  const others = [...(inUse.get(dataDirectory)?.keys() ?? [])].filter((one) => one !== asker);
  if (loop === null ? others.length > 0 : loop === asker || others.includes(loop)) return false;
  try {
    renameSync(path, place);
  } catch {
    return false;
  }
  await removeTree(place);
  return true;
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
