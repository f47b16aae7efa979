import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gitBytes, type Clone } from './command.ts';
import { submodulesOf } from './submodules.ts';
import { withIndex } from './trees.ts';
import { exists, uniqueBeside } from '../../store/files.ts';

/** Writes the files of a tree to a directory, for every user to read; a no-op where the directory is there, whole. */
export async function exportTree(clone: Clone, treeish: string, directory: string): Promise<void> {
  if (await exists(directory)) return;
  await makeParents(dirname(directory));
  const fresh = uniqueBeside(directory);
  try {
    await mkdir(fresh);
    // Not by mkdir's mode: the umask would cut it.
    await chmod(fresh, 0o755);
    await checkOut(clone, treeish, fresh);
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another process may have been first: a rename onto a directory with files in it fails.
    if (!(await exists(directory))) throw error;
  }
}

/** Writes a tree into a directory that is there, and the submodules whose commits the clone has. */
async function checkOut(clone: Clone, treeish: string, directory: string): Promise<void> {
  await withIndex(clone, treeish, (index) =>
    gitBytes(clone, ['checkout-index', '--all', '--quiet'], {
      variables: { ...index, GIT_WORK_TREE: directory },
      umask: '022',
    }),
  );
  for (const { path, sha, isHere } of await submodulesOf(clone, treeish))
    if (isHere) await checkOut(clone, sha, join(directory, path));
}

/** Makes the missing directories above an export. Of root's the sandbox's user may pass through, but not list. */
async function makeParents(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (!first || process.geteuid?.() !== 0) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o711);
}
