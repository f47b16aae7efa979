import { statfsSync, statSync, type StatsFs } from 'node:fs';
import { lstat, opendir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { leastBuiltMiB } from '../bubblewrap/init-script.ts';
import type { NamelessFile } from './process-table.ts';
import type { SandboxRequest } from '../contract.ts';

const mebibyte = 2 ** 20;
/** Free space of the host's disk that no run may use up, in bytes. */
const reserveBytes = 512 * mebibyte;
/** Files that a run may make on the host's disk. */
const mostFiles = 1_000_000;

/** A directory of the host that a run may write, and how much. */
export interface WrittenPlace {
  path: string;
  bytes: number;
}

/** Where a run writes to the host's disk. Nowhere, mostly. */
export function writtenPlaces({ workspace, tree, profile, limits }: SandboxRequest): WrittenPlace[] {
  return [
    ...(workspace === 'writable' ? [{ path: tree, bytes: Math.max(limits.scratchMiB, leastBuiltMiB) * mebibyte }] : []),
    ...(profile ? [{ path: profile, bytes: limits.scratchMiB * mebibyte }] : []),
  ];
}

/** What is wrong with a disk before a run, one line each. */
export function diskProblems(places: readonly WrittenPlace[]): string[] {
  const full = places.filter(({ path }) => freeBytes(statfsSync(path)) < reserveBytes);
  return full.map(
    ({ path }) => `sandbox: less than ${reserveBytes / mebibyte} MiB are free on the disk of ${path}; free some`,
  );
}

/**
 * Remembers how full the disk is, and returns what asks later whether the run has used too much of it.
 * Others write to the same disk, so what is gone is looked for in the run's own files before it is blamed; but not once the disk is about to be full.
 * @param nameless files that the run holds open and no directory names
 */
export function watchDisk({ path, bytes }: WrittenPlace, nameless: () => NamelessFile[]): () => Promise<boolean> {
  const start = statfsSync(path);
  const { dev } = statSync(path);
  return async () => {
    const now = await statfs(path);
    const used = freeBytes(start) - freeBytes(now);
    if (used > 0 && freeBytes(now) < reserveBytes) return true;
    // Some file systems count no files.
    if (used <= bytes && start.ffree - now.ffree <= mostFiles) return false;
    const own = await sizeOf(path);
    const hidden = nameless().filter(({ device }) => device === dev);
    return own.bytes + hidden.reduce((sum, file) => sum + file.bytes, 0) > bytes || own.files > mostFiles;
  };
}

function freeBytes({ bavail, bsize }: StatsFs): number {
  return bavail * bsize;
}

/** Of all below a directory, as the disk has it. */
async function sizeOf(directory: string): Promise<{ bytes: number; files: number }> {
  const total = { bytes: 0, files: 0 };
  try {
    for await (const entry of await opendir(directory)) {
      const place = join(directory, entry.name);
      const inner = entry.isDirectory() ? await sizeOf(place) : { bytes: 0, files: 0 };
      total.bytes += inner.bytes + ((await lstat(place).catch(() => null))?.blocks ?? 0) * 512;
      total.files += inner.files + 1;
    }
  } catch {
    // Removed meanwhile, or closed to the worker.
  }
  return total;
}
