import { join } from 'node:path';
import { exists } from '../../store/files.ts';
import { fetchCommits, fetchedRef } from './clone.ts';
import { GitFailure, type Clone } from './command.ts';
import { readRefs } from './refs.ts';
import { listFiles } from './trees.ts';

/** A submodule of a tree; `isHere` where its commit is in the clone, so that exports have its files. */
export interface Submodule {
  path: string;
  sha: string;
  isHere: boolean;
}

export async function submodulesOf(clone: Clone, treeish: string): Promise<Submodule[]> {
  const links = (await listFiles(clone, treeish)).filter(({ mode }) => mode === '160000');
  if (links.length === 0) return [];
  const known = await readRefs(
    clone,
    links.map(({ sha }) => fetchedRef(sha)),
  );
  return links.map(({ path, sha }) => ({ path, sha, isHere: known.has(fetchedRef(sha)) }));
}

/** Brings the submodules of a commit that are checked out in the person's repository, and theirs. Writes nothing there. */
export async function bringSubmodules(clone: Clone, repository: string, treeish: string, depth = 0): Promise<void> {
  for (const { path, sha, isHere } of await submodulesOf(clone, treeish)) {
    const place = join(repository, path);
    // Else git would take the repository around it.
    if (!(await exists(join(place, '.git')))) continue;
    try {
      if (!isHere) await fetchCommits(clone, place, [sha]);
      if (depth < maxDepth) await bringSubmodules(clone, place, sha, depth + 1);
    } catch (error) {
      // It is checked out at another commit, and does not have this one.
      if (!(error instanceof GitFailure)) throw error;
    }
  }
}

const maxDepth = 4;
