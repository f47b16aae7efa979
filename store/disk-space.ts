import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const mebibyte = 2 ** 20;

/** Free MiB for a user without privileges; 0 where no more files can be made, Infinity where it cannot be told. */
export async function freeMiB(path: string): Promise<number> {
  const facts = await statfs(path).catch(() => null);
  if (!facts) return Infinity;
  // Some file systems count no files.
  return facts.files > 0 && facts.ffree === 0 ? 0 : (facts.bavail * facts.bsize) / mebibyte;
}

/** Waits until all that was written to the disk of a path lies there. */
export async function flushDisk(path: string): Promise<void> {
  await promisify(execFile)('sync', ['--file-system', '--', path]);
}

/** Measures what a directory takes up on its disk, in MiB. Files may vanish while they are counted. */
export function usedMiB(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile('du', ['-s', '-k', '-x', '--', path], { maxBuffer: 16 * mebibyte }, (error, stdout) => {
      const kibibytes = Number(/^\d+/.exec(stdout)?.[0] ?? NaN);
      if (Number.isNaN(kibibytes)) reject(error ?? new Error(`disk: the size of ${path} cannot be told`));
      else resolve(kibibytes / 1024);
    });
  });
}
