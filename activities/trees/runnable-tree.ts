import type { SandboxRequest } from '../../adapters/sandbox/contract.ts';
import { treeOf } from '../../adapters/git/trees.ts';
import { loopPaths, treePaths } from '../../store/layout.ts';
import { digest, type OpenLoop } from '../loop/open-loop.ts';

/** A tree that commands can run on: exported, built if the loop builds, with what setup provides. */
export type RunnableTree = Pick<SandboxRequest, 'tree' | 'provided'>;

/** A runnable tree as the loop's commands see it. */
export type MountedTree = RunnableTree & { workspace: 'readonly' | 'copy' };

/** Names the directory of all that is made of a tree, by the tree and by what is done to it. */
export function treeDirectory({ directory, plan, grants }: OpenLoop, tree: string): string {
  const { setup, provided, build, git } = plan.config;
  const made = digest(setup, provided, build, git, plan.baseSha, grants).slice(0, 8);
  return loopPaths(directory).tree(`${tree}-${made}`);
}

export function pathsOfTree(loop: OpenLoop, tree: string): ReturnType<typeof treePaths> {
  return treePaths(treeDirectory(loop, tree));
}

/** Names the base's tree as commands run on it; it is there wherever something else has been made runnable. */
export async function baseTree(loop: OpenLoop): Promise<string> {
  const { exported, built } = pathsOfTree(loop, await treeOf(loop.clone, loop.plan.baseSha));
  return loop.plan.config.build ? built : exported;
}
