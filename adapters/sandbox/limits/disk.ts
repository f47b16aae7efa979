import { statfsSync, statSync, type StatsFs } from 'node:fs';
import { lstat, opendir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamelessFile } from './process-table.ts';
import type { SandboxRequest } from '../contract.ts';

const mebibyte = 2 ** 20;
/** Free space of the host's disk that no run may use up, in bytes. */
const reserveBytes = 512 * mebibyte;
/** Files that a run may make on the host's disk. */
const maxFiles = 1_000_000;
/** Least size limit of a writable tree: setup and build can make much. */
const minBuiltMiB = 4096;

/** A directory of the host that a run may write, and how much. */
interface WritablePlace {
  path: string;
  bytes: number;
}

/** Lists where a run writes to the host's disk: mostly nowhere. */
export function writablePlaces(request: SandboxRequest): WritablePlace[] {
  const { workspace, tree, profile, limits } = request;
  return [
    ...(workspace === 'writable' ? [{ path: tree, bytes: maxFileMiB(request) * mebibyte }] : []),
    ...(profile ? [{ path: profile.directory, bytes: limits.scratchMiB * mebibyte }] : []),
  ];
}

/** Returns the size limit of a single file on the host's disk, in MiB; without a sandbox the only one. */
export function maxFileMiB({ workspace, limits }: SandboxRequest): number {
  return workspace === 'writable' ? Math.max(limits.scratchMiB, minBuiltMiB) : limits.scratchMiB;
}

/** Lists the disks that are too full for a run, one line each. */
export function diskProblems(request: SandboxRequest): string[] {
  const full = writablePlaces(request).filter(({ path }) => freeBytes(statfsSync(path)) < reserveBytes);
  const least = `less than ${reserveBytes / mebibyte} MiB are free`;
  return full.map(({ path }) => `sandbox: ${least} on the disk of ${path}; free some`);
}

/** Remembers how full the disk is; the returned function tells later if the run has used too much of it. */
export function watchDisk({ path, bytes }: WritablePlace, nameless: () => NamelessFile[]): () => Promise<boolean> {
  const start = statfsSync(path);
  const { dev } = statSync(path);
  return async () => {
    const now = await statfs(path);
    const used = freeBytes(start) - freeBytes(now);
    if (used > 0 && freeBytes(now) < reserveBytes) return true;
    // Some file systems count no files.
    if (used <= bytes && start.ffree - now.ffree <= maxFiles) return false;
    // Others write to the same disk, so the run's own files are measured before it is blamed.
    const own = await sizeOf(path);
    const hidden = nameless().filter(({ device }) => device === dev);
    return own.bytes + hidden.reduce((sum, file) => sum + file.bytes, 0) > bytes || own.files > maxFiles;
  };
}

function freeBytes({ bavail, bsize }: StatsFs): number {
  return bavail * bsize;
}

/** Measures all below a directory, in blocks of the disk. */
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
