import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './command.ts';

/**
 * Whether somebody works on a branch: it is checked out in the main or a linked worktree, or a rebase or bisect of it is under way there.
 * A worktree whose directory is gone does not count, unless it is locked (it may lie on a disk that is not mounted now).
 */
export async function isCheckedOut(repository: string, branch: string): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const [list, rewritten] = await Promise.all([git(repository, ['worktree', 'list', '--porcelain']), isBeingRewritten(repository, branch)]);
  const worktrees = list.split('\n\n').map((entry) => entry.split('\n'));
  return rewritten || worktrees.some((lines) => lines.includes(`branch ${ref}`) && !lines.some((line) => /^prunable\b/.test(line)));
}

/** During a rebase or bisect HEAD is detached; git notes the branch in these files. */
async function isBeingRewritten(repository: string, branch: string): Promise<boolean> {
  const common = (await git(repository, ['rev-parse', '--path-format=absolute', '--git-common-dir'])).replace(/\n$/, '');
  const linked = await readdir(join(common, 'worktrees')).catch(() => []);
  for (const directory of [common, ...linked.map((name) => join(common, 'worktrees', name))]) {
    for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name', 'BISECT_START']) {
      const name = (await readFile(join(directory, file), 'utf8').catch(() => '')).trim();
      if (name === branch || name === `refs/heads/${branch}`) return true;
    }
  }
  return false;
}
