import { git, gitBytes, GitFailure, type Clone } from './command.ts';
import { withIndex } from './trees.ts';

/** The tree with a change, or the paths at which the change no longer applies. */
export type Picked = { ok: true; tree: string } | { ok: false; paths: string[] };

/** Puts a commit's change onto a tree, in git's objects alone. */
export async function pickCommit(clone: Clone, tree: string, commit: string): Promise<Picked> {
  const options = '-p --binary --full-index --no-ext-diff --no-textconv --no-renames --end-of-options'.split(' ');
  const input = await gitBytes(clone, ['diff-tree', ...options, `${commit}^`, commit]);
  if (input.length === 0) return { ok: true, tree };
  return withIndex(clone, tree, async (variables) => {
    try {
      await gitBytes(clone, ['apply', '--cached', '--3way', '--whitespace=nowarn', '-'], { input, variables });
    } catch (error) {
      if (error instanceof GitFailure && error.exitCode === 1)
        return { ok: false, paths: await conflicts(clone, variables, error.stderr) };
      throw error;
    }
    return { ok: true, tree: (await git(clone, ['write-tree'], variables)).trim() };
  });
}

/** A file that is gone leaves nothing unmerged: git's own words name it. */
async function conflicts(clone: Clone, index: { GIT_INDEX_FILE: string }, stderr: string): Promise<string[]> {
  const unmerged = (await git(clone, ['ls-files', '--unmerged', '-z'], index)).split('\0').filter(Boolean);
  const paths = unmerged.map((entry) => entry.slice(entry.indexOf('\t') + 1));
  const named = [
    ...stderr.matchAll(/^error: (?:patch failed: (.+):\d+|(.+): (?:does not exist|already exists) in index)$/gm),
  ];
  return [...new Set([...paths, ...named.map(([, failed, other]) => failed ?? other!)])];
}
