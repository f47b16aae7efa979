import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dataPaths } from './layout.ts';

/** Moves a directory out of the way and removes it, if it `mayGo` in that instant; returns whether it went. */
export async function discard(data: string, path: string, mayGo: () => boolean = () => true): Promise<boolean> {
  const { removed } = dataPaths(data);
  await mkdir(removed, { recursive: true, mode: 0o700 });
  const place = join(removed, randomUUID());
  // Synchronous, so that no step of this process begins between question and move.
  if (!mayGo()) return false;
  renameSync(path, place);
  await removeTree(place);
  return true;
}

/** Removes a directory, also what a command made read-only in it. Never rejects: what cannot be removed stays. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await promisify(execFile)('chmod', ['-R', 'u+rwX', path]).catch(() => undefined);
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
