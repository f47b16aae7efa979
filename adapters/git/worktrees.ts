import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './command.ts';
import { absent, commonDirectory, kindOf, readRefFiles } from './ref-files.ts';

/** Tells whether a worktree has a branch checked out, or rebases or bisects it. One that git would prune does not count. */
export async function isCheckedOut(repository: string, branch: string): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const common = await commonDirectory(repository);
  const linked = (await readdir(join(common, 'worktrees')).catch(absent)) ?? [];
  const directories = [common, ...linked.map((name) => join(common, 'worktrees', name))];
  if ((await Promise.all(directories.map((directory) => isBeingRewritten(directory, branch)))).some(Boolean))
    return true;
  if ((await Promise.all(directories.map((directory) => isSurelyElsewhere(repository, directory, ref)))).every(Boolean))
    return false;
  const list = await git(repository, ['worktree', 'list', '--porcelain']);
  const worktrees = list.split('\n\n').map((entry) => entry.split('\n'));
  return worktrees.some((lines) => lines.includes(`branch ${ref}`) && !lines.some((line) => /^prunable\b/.test(line)));
}

/** During a rebase or bisect HEAD is detached; git notes the branch in these files. */
async function isBeingRewritten(directory: string, branch: string): Promise<boolean> {
  for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name', 'BISECT_START']) {
    const name = (await readFile(join(directory, file), 'utf8').catch(() => '')).trim();
    if (name === branch || name === `refs/heads/${branch}`) return true;
  }
  return false;
}

/** A HEAD that is plainly a commit, or plainly another branch; of any other only git can tell. */
async function isSurelyElsewhere(repository: string, directory: string, ref: string): Promise<boolean> {
  const head = join(directory, 'HEAD');
  const content = (await kindOf(head)) === 'file' ? (await readFile(head, 'utf8').catch(() => '')).trim() : '';
  const [, named] = /^ref: (refs\/heads\/.+)$/.exec(content) ?? [];
  if (named === undefined) return /^[0-9a-f]{40,64}$/.test(content);
  return named !== ref && (await readRefFiles(repository, [named])) !== null;
}
