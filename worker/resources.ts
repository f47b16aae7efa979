import type { Resources } from '../activities/loop/resources.ts';
import { ensureWorkerId } from '../store/data-directory.ts';
import { dataPaths } from '../store/layout.ts';
import { createUsage } from '../store/quota.ts';
import { createMachineLock } from '../adapters/machine-lock.ts';
import { createCache } from '../adapters/cache.ts';
import { openEmbeddedModel } from '../adapters/models/embedded.ts';
import type { Model } from '../adapters/models/model.ts';
import { createSandbox } from '../adapters/sandbox/create.ts';
import { findOnPath } from '../adapters/sandbox/tools.ts';
import { SandboxUnavailable } from '../adapters/sandbox/unavailable.ts';
import { runUnsandboxed } from '../adapters/sandbox/unsandboxed.ts';
import { queueOf } from '../domain/names.ts';
import { readSettings } from './settings.ts';

/**
 * Opens the resources of a worker whose data directory is locked.
 * @throws SandboxUnavailable where the sandbox cannot hold; Error where settings or tools are wrong
 */
export async function openResources(
  dataDirectory: string,
  settingsFile = dataPaths(dataDirectory).settings,
): Promise<Resources & { workerId: string }> {
  const settings = await readSettings(settingsFile);
  const generated = dataPaths(dataDirectory).sandbox;
  const sandbox = await createSandbox({ allowUnsandboxed: settings.unsandboxed, generatedDirectory: generated });
  const broken = await createMachineLock(sandbox, { name: 'a worker that starts' }).exclusively(({ selfTest }) =>
    selfTest(settings.tools),
  );
  if (broken.some((problem) => problem.startsWith('sandbox:'))) throw new SandboxUnavailable(broken.join('\n'));
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const workerId = await ensureWorkerId(dataDirectory);
  const outside = settings.outsideCheck && sandbox.kind !== 'none' ? runOutside(generated) : null;
  return {
    dataDirectory,
    settings,
    sandbox,
    queue: queueOf(workerId),
    workerId,
    usage: createUsage(),
    cache: createCache({ max: 500 }),
    embedded: embeddedOnce(settings.embeddedModel),
    ...(outside && { outside }),
  };
}

/** Runs outside, by leave of this worker's owner, only the base as they committed it, never a candidate. */
function runOutside(generated: string): NonNullable<Resources['outside']> {
  const host = { bash: findOnPath('bash'), prlimit: findOnPath('prlimit'), generated };
  return (request) => runUnsandboxed(host, request);
}

/** Set-up may bring the engine later, so a failure is not kept. */
function embeddedOnce(model: string): Resources['embedded'] {
  let opening: Promise<Model> | null = null;
  return () =>
    (opening ??= openEmbeddedModel({ model }).catch((error: unknown) => {
      opening = null;
      throw error;
    }));
}
