import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Uid and gid of a root worker's runs. No system gives it out, and it owns nothing after a run. */
export const droppedId = 65_527;

export const isRoot = process.getuid?.() === 0;

/** Tells if the user of runs can go to a path: a root's worker runs them as a user who has only what everyone has. */
export function isReachable(path: string): boolean {
  if (!isRoot) return true;
  const parent = dirname(path);
  return parent === path || ((statSync(parent).mode & 0o001) !== 0 && isReachable(parent));
}
