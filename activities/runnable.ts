import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exportTree } from '../adapters/git/export.ts';
import { treeOf } from '../adapters/git/trees.ts';
import { explainRun, execute } from './execute.ts';
import { checkSha, digest, type OpenLoop, type Resources } from './resources.ts';

/** A tree that commands can run on: exported, built if the loop builds, with what setup provides. */
export interface Runnable {
  tree: string;
  provided: { path: string; host: string }[];
}

export type Made = { ok: true; runnable: Runnable } | { ok: false; detail: string };

/**
 * Makes a commit or tree runnable on this worker; a no-op where it is there.
 * Setup runs once per base and its result serves every loop of this worker; a build runs once per tree.
 */
export async function makeRunnable(resources: Resources, loop: OpenLoop, treeish: string, signal: AbortSignal): Promise<Made> {
  checkSha('tree', treeish);
  const tree = await treeOf(loop.clone, treeish);
  const setup = await makeSetup(resources, loop, signal);
  if (!setup.ok) return setup;
  const { provided } = setup;
  const place = join(loop.directory, 'trees', tree);
  const exported = join(place, 'export');
  await exportTree(loop.clone, tree, exported);
  for (const { path } of provided) await mkdir(join(exported, path), { recursive: true });
  const { build, limits } = loop.plan.config;
  if (!build) return { ok: true, runnable: { tree: exported, provided } };
  const built = join(place, 'built');
  if (!(await exists(built))) {
    const work = join(place, `building-${process.pid}`);
    await rm(work, { recursive: true, force: true });
    await cp(exported, work, { recursive: true, verbatimSymlinks: true });
    const result = await execute(resources, loop, { command: build, tree: work, workspace: 'writable', provided, seconds: limits.testSeconds, signal });
    if (result.status !== 'ok') {
      await rm(work, { recursive: true, force: true });
      return { ok: false, detail: explainRun('build', result) };
    }
    await rename(work, built);
  }
  return { ok: true, runnable: { tree: built, provided } };
}

/** Removes what was made of a tree, once no step needs it. */
export async function removeRunnable(loop: OpenLoop, treeish: string): Promise<void> {
  const tree = await treeOf(loop.clone, treeish);
  await rm(join(loop.directory, 'trees', tree), { recursive: true, force: true });
}

async function makeSetup(
  resources: Resources,
  loop: OpenLoop,
  signal: AbortSignal,
): Promise<{ ok: true; provided: Runnable['provided'] } | { ok: false; detail: string }> {
  const { setup, provided, limits } = loop.plan.config;
  if (!setup) {
    return provided.length === 0
      ? { ok: true, provided: [] }
      : { ok: false, detail: 'provided: is given without a setup that makes it; give "setup" or remove "provided"' };
  }
  const baseTree = await treeOf(loop.clone, loop.plan.baseSha);
  const place = join(resources.dataDirectory, 'setups', digest(baseTree, setup, provided, loop.admission));
  const made = join(place, 'done');
  if (!(await exists(made))) {
    const work = join(place, `making-${process.pid}`);
    await rm(work, { recursive: true, force: true });
    await exportTree(loop.clone, baseTree, work);
    const result = await execute(resources, loop, {
      command: setup,
      tree: work,
      workspace: 'writable',
      provided: [],
      seconds: limits.testSeconds,
      signal,
      network: resources.settings.setupNetwork,
    });
    if (result.status !== 'ok') {
      await rm(work, { recursive: true, force: true });
      const hint = resources.settings.setupNetwork ? '' : '\nsetup has no network on this worker; its owner can set "setupNetwork" in the worker\'s settings';
      return { ok: false, detail: `${explainRun('setup', result)}${hint}` };
    }
    for (const path of provided) {
      if (!(await exists(join(work, path)))) return { ok: false, detail: `provided: setup did not make "${path}"; correct "setup" or "provided"` };
    }
    await rename(work, made);
  }
  return { ok: true, provided: provided.map((path) => ({ path, host: join(made, path) })) };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
