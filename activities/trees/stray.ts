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
