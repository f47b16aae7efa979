import { readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { flushDisk } from '../../store/disk-space.ts';
import { exportTree } from '../../adapters/git/export.ts';
import { treeOf } from '../../adapters/git/trees.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import { removeTree } from '../../store/discard.ts';
import { makeMountPoint, makeToolCaches, staysInside } from '../../adapters/sandbox/bubblewrap/mounts.ts';
import { explainRun, execute } from '../measure/execute.ts';
import { buildBase, buildCandidate, type Run } from './build.ts';
import type { RunnableTree } from './runnable-tree.ts';
import { protectedFilesProblem } from './protection.ts';
import { checkSha, digest, placeOf, type OpenLoop, type Resources } from '../loop/resources.ts';
import { exists, uniqueBeside } from '../../store/files.ts';
import { dataPaths, treePaths } from '../../store/layout.ts';

export type Made = { ok: true; runnable: RunnableTree } | NotMade;

interface NotMade {
  ok: false;
  detail: string;
  /** It is the base that cannot be made ready, by setup or build: no fault of the tree. */
  isOfBase?: true;
}

/**
 * Makes a commit or tree runnable on this worker; a no-op where it is there. Not to be called under the machine-wide lock, which it takes.
 * Setup runs once per base and its result serves every loop of this worker; a build runs once per tree.
 */
export async function makeRunnable(
  resources: Resources,
  loop: OpenLoop,
  treeish: string,
  signal: AbortSignal,
): Promise<Made> {
  checkSha('tree', treeish);
  const tree = await treeOf(loop.clone, treeish);
  const problem = await protectedFilesProblem(loop, tree);
  if (problem) return { ok: false, detail: problem };
  const setup = await makeSetup(resources, loop, signal);
  if (!setup.ok) return setup;
  const { provided } = setup;
  const { exported, built } = treePaths(placeOf(loop, tree));
  await exportTree(loop.clone, tree, exported);
  for (const { path, host } of provided) {
    const problem = await makeMountPoint(exported, path, host);
    if (problem) return { ok: false, detail: problem };
  }
  const { build } = loop.plan.config;
  if (!build) return { ok: true, runnable: { tree: exported, provided } };
  const pair = { exported, built };
  const base = await treeOf(loop.clone, loop.plan.baseSha);
  if (tree !== base) {
    const made = await makeRunnable(resources, loop, base, signal);
    if (!made.ok) return { ok: false, detail: `base: ${made.detail}`, isOfBase: true };
  }
  const run: Run = async (work) => {
    const { testSeconds } = loop.plan.config.limits;
    const result = await execute(resources, loop, {
      command: build,
      tree: work,
      workspace: 'writable',
      provided,
      seconds: testSeconds,
      signal,
    });
    return result.status === 'ok' ? null : explainRun('build', result);
  };
  const failure = await makeOnce(pair.built, signal, (work) =>
    tree === base ? buildBase(loop, pair, work, run) : buildCandidate(loop, tree, pair, work, run),
  );
  return failure ? { ok: false, detail: failure } : { ok: true, runnable: { tree: pair.built, provided } };
}

/**
 * The same for a candidate.
 * @throws ApplicationFailure "BaseFailed", retryable, where its base can no longer be made ready: its network may be gone for a while
 */
export async function makeCandidateRunnable(
  resources: Resources,
  loop: OpenLoop,
  tree: string,
  signal: AbortSignal,
): Promise<Made> {
  const made = await makeRunnable(resources, loop, tree, signal);
  if (!made.ok && made.isOfBase) throw ApplicationFailure.retryable(made.detail, 'BaseFailed');
  return made;
}

/** Removes what was made of every tree but the champion's and the base's, at the end of an iteration. What cannot be removed stays. */
export async function keepOnly(loop: OpenLoop, champion: string): Promise<void> {
  const kept = await Promise.all(
    [champion, loop.plan.baseSha].map(async (treeish) => placeOf(loop, await treeOf(loop.clone, treeish))),
  );
  const directory = dirname(kept[0]!);
  const places = (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
  await Promise.all(places.filter((place) => !kept.includes(place)).map(removeTree));
}

async function makeSetup(
  resources: Resources,
  loop: OpenLoop,
  signal: AbortSignal,
): Promise<{ ok: true; provided: RunnableTree['provided'] } | NotMade> {
  const { setup, provided, limits } = loop.plan.config;
  if (!setup) return { ok: true, provided: [] };
  const network = resources.settings.setupNetwork;
  const baseTree = await treeOf(loop.clone, loop.plan.baseSha);
  const made = dataPaths(resources.dataDirectory).setup(digest(baseTree, setup, provided, loop.grants));
  const failure = await makeOnce(made, signal, async (work) => {
    await exportTree(loop.clone, baseTree, work);
    const result = await execute(resources, loop, {
      command: setup,
      tree: work,
      workspace: 'writable',
      provided: [],
      seconds: limits.testSeconds,
      signal,
      network,
    });
    if (result.status !== 'ok')
      return `${explainRun('setup', result)}${network ? '' : '\nsetup: has no network on this worker; if it needs one, let it (run --allow-setup-network, or "setupNetwork" in the worker\'s settings)'}`;
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
  });
  if (failure) return { ok: false, detail: failure, isOfBase: true };
  return { ok: true, provided: provided.map((path) => ({ path, host: join(made, path), root: made })) };
}

/** Makes a directory in one piece, once: in a place of its own under the machine-wide lock, then renamed. Returns why it could not be made, or null. */
async function makeOnce(
  place: string,
  signal: AbortSignal,
  make: (work: string) => Promise<string | null>,
): Promise<string | null> {
  if (await exists(place)) return null;
  return withMachineLock(
    async () => {
      if (await exists(place)) return null;
      const work = uniqueBeside(place);
      try {
        const failure = await make(work);
        if (failure === null) await rename(work, place);
        return failure;
      } finally {
        await removeTree(work);
      }
    },
    { signal },
  );
}
