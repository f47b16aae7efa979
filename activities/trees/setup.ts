import { join } from 'node:path';
import { exportTree } from '../../adapters/git/export.ts';
import { treeOf } from '../../adapters/git/trees.ts';
import { makeToolCaches, staysInside } from '../../adapters/sandbox/bubblewrap/mounts.ts';
import { flushDisk } from '../../store/disk-space.ts';
import { exists } from '../../store/files.ts';
import { dataPaths } from '../../store/layout.ts';
import type { HeldContext, StepContext } from '../loop/context.ts';
import { digest } from '../loop/open-loop.ts';
import { execute, explainRun } from '../measure/execute.ts';
import { makeOnce } from './make-once.ts';
import type { RunnableTree } from './runnable-tree.ts';

/** Runs the loop's setup on its base, once per worker: the result serves every loop on the base. */
export async function makeSetup(context: StepContext): Promise<Pick<RunnableTree, 'provided'> | { failure: string }> {
  const { worker, loop } = context;
  const { baseSha, config } = loop.plan;
  const { setup, provided, seed } = config;
  if (!setup) return { provided: [] };
  const baseTree = await treeOf(loop.clone, baseSha);
  const root = dataPaths(worker.dataDirectory).setup(digest(baseTree, setup, provided, seed, loop.grants));
  const failure = await makeOnce(context, root, async (held, work) => {
    await exportTree(loop.clone, baseTree, work);
    return runSetup(held, work, setup);
  });
  if (failure) return { failure };
  return { provided: provided.map((path) => ({ path, host: join(root, path), root })) };
}

async function runSetup(held: HeldContext, work: string, command: string): Promise<string | null> {
  const { provided, limits, seed: benchSeed } = held.loop.plan.config;
  const { setupNetwork: network } = held.worker.settings;
  held.say('setup');
  const request = { command, tree: work, provided: [], seconds: limits.testSeconds, network, benchSeed };
  const result = await execute(held, { ...request, workspace: 'writable' });
  const leave = `(run --allow-setup-network, or "setupNetwork" in the worker's settings)`;
  const hint = network ? '' : `\nsetup: has no network on this worker; if it needs one, let it ${leave}`;
  if (result.status !== 'ok') return explainRun('setup', result) + hint;
  for (const path of provided) {
    if (!(await exists(join(work, path))))
      return `provided: setup did not make "${path}"; correct "setup" or "provided"`;
    if (!(await staysInside(work, join(work, path))))
      return `provided: "${path}" is a link that leads out of what setup made; let setup make it in place`;
    await makeToolCaches(join(work, path));
  }
  // It stays for good, whole, also where the power goes: to make it again may need a network that is not there then.
  await flushDisk(work);
  return null;
}
