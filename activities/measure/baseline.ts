import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withMachineLock } from '../../adapters/lock.ts';
import { examineBase } from './examine-base.ts';
import { digest, type OpenLoop, type Resources } from '../loop/resources.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import type { SuiteCount } from './suite.ts';

/** Raised when the facts change their form or meaning. */
const version = 3;

/** What this worker found out about a loop's base, once; every candidate is held against it. */
export interface BaseFacts {
  /** How test and benchmark see the tree, with "auto" resolved. */
  workspace: 'readonly' | 'copy';
  /** Whether the base's tests and benchmark pass while ends of processes are watched; only then a candidate's are. */
  exitGuard: boolean;
  /** Tests that ran and passed on the base; null where the output does not say. */
  tests: SuiteCount | null;
  /** The same of the guard; null also where there is none. */
  guardTests: SuiteCount | null;
  /** Last line of the tests' output, where their number is not known and it repeats; else null. */
  ending: string | null;
  /** The same of the guard. */
  guardEnding: string | null;
  /** One run of the benchmark. */
  metric: number;
  cpuMs: number;
  wallMs: number;
  /** Wall time of the tests. */
  testMs: number;
  /** CPU and wall time of the benchmark command's start-up, and what was run for it ("node -e 0"). */
  startUp: { cpuMs: number; wallMs: number; of: string };
}

/**
 * Runs setup, build, tests, guard and one benchmark on the base, once per worker; later calls read what was found.
 * Not to be called under the machine-wide lock, which it takes.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function baseFacts(resources: Resources, loop: OpenLoop, signal: AbortSignal): Promise<BaseFacts> {
  const directory = join(loop.directory, 'base');
  const file = join(directory, `${await keyOf(resources, loop)}.json`);
  const known = await readJson<BaseFacts>(file);
  if (known) return known;
  // A lock of this loop's own: whoever comes second, in this process or another, reads what the first found.
  return withMachineLock(
    async () => {
      const found = await readJson<BaseFacts>(file);
      if (found) return found;
      const facts = await examineBase(resources, loop, signal);
      await writeAtomically(file, JSON.stringify(facts));
      return facts;
    },
    { signal, path: join(directory, 'lock') },
  );
}

/** By all that the facts depend on. Held-out tests that their owner changed are tried on the base again. */
async function keyOf(
  { sandbox, settings }: Resources,
  { plan: { baseSha, config }, admission }: OpenLoop,
): Promise<string> {
  const guard = admission.guard && (await stateOf(admission.guard.directory));
  return digest(version, baseSha, config, admission, guard, sandbox.kind, sandbox.limitsLayer, settings.tools);
}

async function stateOf(directory: string): Promise<unknown> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const states = await Promise.all(
    files.map(async (file) =>
      stat(file).then(
        ({ size, mtimeMs }) => [file, size, mtimeMs],
        () => [file],
      ),
    ),
  );
  return states.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
