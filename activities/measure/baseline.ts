import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../../adapters/lock.ts';
import { sumRuns, type TestRun } from '../../domain/protection/flaky-tests.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import type { BaseFacts } from './base-facts.ts';
import { qualifyBase } from './qualify-base.ts';
import { loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import { digest } from '../loop/open-loop.ts';

/** Raised when the facts change their form or meaning. */
const version = 5;

/**
 * Runs setup, build, tests, guard and one benchmark on the base, once per worker; later calls read the facts found.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function baseFacts(context: StepContext): Promise<BaseFacts> {
  const paths = loopPaths(context.loop.directory);
  const file = paths.baseFacts(await keyOf(context));
  const known = await readJson<BaseFacts>(file);
  if (known) return known;
  // A lock of this loop's own: whoever comes second, in this process or another, reads what the first found.
  const find = async () => {
    const found = await readJson<BaseFacts>(file);
    if (found) return found;
    const facts = await qualifyBase(context);
    await writeAtomically(file, JSON.stringify(facts));
    return facts;
  };
  return withLock(paths.baseLock, find, context.signal);
}

/** Adds a run of the tests, or of the guard's, on the base. */
export async function addBaseRun(context: StepContext, to: 'testRuns' | 'guardRuns', run: TestRun): Promise<void> {
  const paths = loopPaths(context.loop.directory);
  const file = paths.baseFacts(await keyOf(context));
  const add = async () => {
    const known = await readJson<BaseFacts>(file);
    if (known) await writeAtomically(file, JSON.stringify({ ...known, [to]: sumRuns([run], known[to]) }));
  };
  await withLock(paths.baseLock, add, context.signal);
}

/** Digests all that the facts depend on. Held-out tests that their owner changed are tried on the base again. */
async function keyOf({ worker: { sandbox, settings }, loop: { plan, grants } }: StepContext): Promise<string> {
  const { baseSha, config } = plan;
  const guard = grants.guard && (await stateOf(grants.guard.directory));
  return digest(version, baseSha, config, grants, guard, sandbox.kind, sandbox.limitsLayer, settings.tools);
}

async function stateOf(directory: string): Promise<unknown> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const states = await Promise.all(
    files.map(async (file) => {
      const facts = await stat(file).catch(() => null);
      return [file, ...(facts ? [facts.size, facts.mtimeMs] : [])];
    }),
  );
  return states.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
