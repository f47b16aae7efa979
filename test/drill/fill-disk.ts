import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';

/** Free space below which a worker of this drill waits, in MiB; beside it the disk has room for a small loop. */
export const minimumFreeMiB = 24;
const sizeMiB = 96;

/**
 * Gives a worker a small disk of its own as data directory, which runs full now and then. For root.
 * @returns how to end it
 */
export function fillDisk(
  data: string,
  random: Random,
  say: (line: string) => void,
  fullMs = 6_000,
): () => Promise<void> {
  mkdirSync(data, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=755`, 'drill', data]);
  const end = new AbortController();
  const filler = join(data, 'filler');
  const fill = async () => {
    for (;;) {
      await sleep(3_000 + random.below(6_000), null, { signal: end.signal });
      writeUntilFull(filler);
      say('the disk is full');
      await sleep(fullMs, null, { signal: end.signal });
      rmSync(filler);
      say('there is room again');
    }
  };
  const filling = fill().catch(() => undefined);
  return async () => {
    end.abort();
    await filling;
    execFileSync('umount', [data]);
  };
}

function writeUntilFull(path: string): void {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(65_536);
  try {
    for (;;) writeSync(file, block);
  } catch {
    // Full.
  } finally {
    closeSync(file);
  }
}
