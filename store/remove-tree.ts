import { rm } from 'node:fs/promises';
import { execa } from 'execa';

/** Removes a directory with all that is in it, also what a command made read-only. Never rejects: what cannot be removed stays. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await execa('chmod', ['-R', 'u+rwX', path], { reject: false });
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
