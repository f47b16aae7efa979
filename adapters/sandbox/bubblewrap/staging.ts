import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isReachable } from '../run-user.ts';

export type Staging = ReturnType<typeof createStaging>;

/** Root-owned, so that nobody else can put anything there. Holds mount points only. */
const stagingDirectory = '/run/karpathy-loop';

/** Plans mounts for paths below a directory that is closed to others, such as a root's home. */
export function createStaging() {
  /** Mounts to make in a mount namespace of the run's own. */
  const mounts: [source: string, point: string][] = [];
  /** Returns the path as the run's user can name it. */
  const place = (path: string) => {
    if (isReachable(path)) return path;
    const kind = statSync(path).isDirectory() ? 'directory' : 'file';
    const point = join(stagingDirectory, `${kind}-${mounts.length}`);
    mkdirSync(stagingDirectory, { recursive: true });
    chmodSync(stagingDirectory, 0o711);
    if (kind === 'directory') mkdirSync(point, { recursive: true });
    else closeSync(openSync(point, 'a'));
    mounts.push([path, point]);
    return point;
  };
  return { mounts, place };
}
