import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resources } from '../activities/loop/resources.ts';
import { writeAtomically } from '../store/files.ts';
import { withMachineLock } from '../adapters/lock.ts';
import { createEmbeddedModel } from '../adapters/models/embedded.ts';
import type { Model } from '../adapters/models/model.ts';
import { createSandbox } from '../adapters/sandbox/create.ts';
import { findOnPath } from '../adapters/sandbox/tools.ts';
import { SandboxUnavailable } from '../adapters/sandbox/unavailable.ts';
import { runUnsandboxed } from '../adapters/sandbox/unsandboxed.ts';
import { queueOf } from '../domain/names.ts';
import { readSettings } from './settings.ts';

/**
 * What this worker's activities work with. To be called by whoever holds the lock of the data directory.
 * @throws SandboxUnavailable where the sandbox cannot hold; Error where settings or tools are wrong
 */
export async function openResources(
  dataDirectory: string,
  settingsFile = join(dataDirectory, 'settings.json'),
): Promise<Resources & { workerId: string }> {
  const settings = await readSettings(settingsFile);
  const generated = join(dataDirectory, 'sandbox');
  const sandbox = await createSandbox({ allowUnsandboxed: settings.unsandboxed, generatedDirectory: generated });
  const broken = await withMachineLock(() => sandbox.selfTest(settings.tools));
  if (broken.some((problem) => problem.startsWith('sandbox:'))) throw new SandboxUnavailable(broken.join('\n'));
  if (broken.length > 0) throw new Error(broken.join('\n'));
  const workerId = await readWorkerId(dataDirectory);
  const outside = settings.outsideCheck && sandbox.kind !== 'none' ? runOutside(generated) : null;
  return {
    dataDirectory,
    settings,
    sandbox,
    queue: queueOf(workerId),
    workerId,
    embedded: embeddedOnce(),
    ...(outside && { outside }),
  };
}

/** Makes the data directory where it is missing; others may pass through, not list. */
export async function makeDataDirectory(dataDirectory: string): Promise<void> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 });
}

/** By the leave of this worker's owner only: what it runs is the base as they committed it, never a candidate. */
function runOutside(generated: string): NonNullable<Resources['outside']> {
  const host = { bash: findOnPath('bash'), prlimit: findOnPath('prlimit'), generated };
  return (request) => runUnsandboxed(host, request);
}

async function readWorkerId(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, 'worker-id');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (/^[a-z0-9]+$/.test(known.trim())) return known.trim();
  const made = randomBytes(6).toString('hex');
  await writeAtomically(file, `${made}\n`);
  return made;
}

/** Set-up may bring the engine later, so a failure is not kept. */
function embeddedOnce(): Resources['embedded'] {
  let made: Model | null = null;
  return async () => (made ??= await Promise.resolve(createEmbeddedModel()));
}
