import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exportTree } from '../../adapters/git/export.ts';
import { sealHistory } from '../../adapters/git/sealed.ts';
import { treeOf } from '../../adapters/git/trees.ts';
import { makeMountPoint, makeToolCaches, staysInside } from '../../adapters/sandbox/bubblewrap/mounts.ts';
import { flushDisk } from '../../store/disk-space.ts';
import { exists } from '../../store/files.ts';
import { dataPaths } from '../../store/layout.ts';
import type { HeldContext, StepContext } from '../loop/context.ts';
import { digest } from '../loop/open-loop.ts';
import type { SandboxResult } from '../../adapters/sandbox/contract.ts';
import { execute, explainRun } from '../measure/execute.ts';
import { asksGit, gitHint } from './stray.ts';
import { makeOnce } from './make-once.ts';
import type { RunnableTree } from './runnable-tree.ts';

type Provided = RunnableTree['provided'];

/** Runs the loop's setup on its base, once per worker: the result serves every loop on the base. */
export async function makeSetup(context: StepContext): Promise<Pick<RunnableTree, 'provided'> | { failure: string }> {
  const { worker, loop } = context;
  const { baseSha, config } = loop.plan;
  const { setup, provided, seed, git } = config;
  const sealed = git === 'sealed' ? await sealedGit(context) : [];
  if (!setup) return { provided: sealed };
  const baseTree = await treeOf(loop.clone, baseSha);
  const root = dataPaths(worker.dataDirectory).setup(digest(baseTree, setup, provided, seed, loop.grants, sealed));
  const failure = await makeOnce(context, root, async (held, work) => {
    await exportTree(loop.clone, baseTree, work);
    for (const { path, host } of sealed) await makeMountPoint(work, path, host);
    return runSetup(held, work, { command: setup, sealed });
  });
  if (failure) return { failure };
  return { provided: [...provided.map((path) => ({ path, host: join(root, path), root })), ...sealed] };
}

/** Makes the `.git` that runs see: of the base, whatever tree they run on. */
async function sealedGit(context: StepContext): Promise<Provided> {
  const { worker, loop } = context;
  const { baseSha } = loop.plan;
  const root = dataPaths(worker.dataDirectory).setup(digest('git', loop.repository, baseSha));
  await makeOnce(context, root, async (_held, work) => {
    await mkdir(work, { recursive: true });
    await chmod(work, 0o755);
    await sealHistory(loop.clone, loop.repository, baseSha, join(work, '.git'));
    return null;
  });
  return [{ path: '.git', host: join(root, '.git'), root }];
}

async function runSetup(
  held: HeldContext,
  work: string,
  { command, sealed }: { command: string; sealed: Provided },
): Promise<string | null> {
  const { provided, limits, seed: benchSeed } = held.loop.plan.config;
  const { setupNetwork: network } = held.worker.settings;
  held.say('setup');
  const request = { command, tree: work, provided: sealed, seconds: limits.testSeconds, network, benchSeed };
  const result = await execute(held, { ...request, workspace: 'writable' });
  if (result.status !== 'ok') return [...setupHints(result, network), explainRun('setup', result)].join('\n');
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

function setupHints({ tail }: SandboxResult, network: boolean): string[] {
  const leave = `(run --allow-setup-network, or "setupNetwork" in the worker's settings)`;
  return [
    ...(network ? [] : [`setup: has no network on this worker; if it needs one, let it ${leave}`]),
    ...(asksGit.test(tail) ? [`setup: ${gitHint}`] : []),
  ];
}
