import { rename, rm } from 'node:fs/promises';
import { execa } from 'execa';
import { exists, uniqueBeside } from '../../store/files.ts';

/** Copies installed packages by hard links, else byte by byte; a no-op where the directory is there, whole. */
export async function copyModules(from: string, directory: string, signal: AbortSignal): Promise<void> {
  if (await exists(directory)) return;
  const fresh = uniqueBeside(directory);
  const copy = (how: string) => execa('cp', [how, '--', `${from}/.`, fresh], { cancelSignal: signal });
  try {
    await copy('-al').catch(async (error: unknown) => {
      signal.throwIfAborted();
      await rm(fresh, { recursive: true, force: true });
      await copy('-a').catch(() => Promise.reject(error as Error));
    });
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(directory))) throw error;
  }
}
