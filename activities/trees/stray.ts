import { listFiles } from '../../adapters/git/trees.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { walk } from './built-tree.ts';
import type { RunnableTree } from './runnable-tree.ts';

const byTheWay = /(^|\/)(__pycache__|\.git|[^/]+\.egg-info|\.[^/]*cache|node_modules)(\/|$)|\.pyc$/;

/** Names files that setup made outside of `provided`, which no run sees; null where there are none. */
export async function strayHint(loop: OpenLoop, { provided }: Pick<RunnableTree, 'provided'>): Promise<string | null> {
  const [root] = provided.filter(({ path }) => path !== '.git').map((one) => one.root);
  if (root === undefined) return null;
  const known = new Set((await listFiles(loop.clone, loop.plan.baseSha)).map(({ path }) => path));
  const isSeen = (path: string) => provided.some((one) => path === one.path || path.startsWith(`${one.path}/`));
  const made = [...(await walk(root)).keys()].filter(
    (path) => !known.has(path) && !isSeen(path) && !byTheWay.test(path),
  );
  if (made.length === 0) return null;
  const more = made.length > 3 ? ` and ${made.length - 3} more` : '';
  return `setup: also made ${made.slice(0, 3).join(', ')}${more}, which no run sees; name what they need in "provided"`;
}
/** Words of programs that looked for a repository: git's own, and those of tools that take a version from it. */
export const asksGit =
  /not a git repository|setuptools.scm was unable to detect version|unable to determine version|vcs.*unable to find/i;

export const gitHint =
  'asks git, and there is no .git in the sandbox; give it one of the base, read-only with its history and tags, by "git": "sealed" in loop.json, or give the version in the command (SETUPTOOLS_SCM_PRETEND_VERSION=1.0)';
