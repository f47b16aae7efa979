import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Uid and gid that runs get when the worker is root, so that nothing in them is root to the kernel. Outside the ranges that distributions,
 * dynamic services and login managers give out; never the owner of anything that lasts.
 */
export const droppedId = 65_527;

export const isRoot = process.getuid?.() === 0;

/** Whether the user that runs get can go to a path: an ordinary worker's is the worker itself, a root's has only what everyone has. */
export function isReachable(path: string): boolean {
  if (!isRoot) return true;
  return ancestors(path).every((directory) => (statSync(directory).mode & 0o001) !== 0);
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}

/** Where the user that runs get finds paths of the host that it may see but cannot go to. */
export interface Staging {
  /** Source and mount point of each mount to make, in a mount namespace of the run's own. */
  mounts: [source: string, point: string][];
  /** The path as the run's user can name it. */
  place: (path: string) => string;
}

/** Root-owned, so that nobody else can put anything there; only mount points, empty outside of a run. */
const stagingDirectory = '/run/karpathy-loop';

/** Plans mounts for what lies below a directory that is closed to others, such as a root's home. */
export function createStaging(): Staging {
  const mounts: Staging['mounts'] = [];
  const place = (path: string) => {
    if (isReachable(path)) return path;
    const point = join(stagingDirectory, `${statSync(path).isDirectory() ? 'directory' : 'file'}-${mounts.length}`);
    makeMountPoint(path, point);
    mounts.push([path, point]);
    return point;
  };
  return { mounts, place };
}

function makeMountPoint(path: string, point: string): void {
  mkdirSync(stagingDirectory, { recursive: true });
  chmodSync(stagingDirectory, 0o711);
  if (statSync(path).isDirectory()) mkdirSync(point, { recursive: true });
  else closeSync(openSync(point, 'a'));
}
