import { readdir, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { treeOf } from '../../adapters/git/trees.ts';
import { withLock } from '../../adapters/lock.ts';
import { findTool } from '../../adapters/sandbox/tools.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { commandsOf } from '../../domain/config/plan.ts';
import { sumRuns, type TestRun } from '../../domain/protection/flaky-tests.ts';
import { splitCommand } from '../../domain/protection/readers/command-words.ts';
import { commonTests, type NameCounts } from '../../domain/protection/test-names.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { dataPaths } from '../../store/layout.ts';
import type { BaseFacts } from './base-facts.ts';
import { qualifyBase } from './qualify-base.ts';
import type { StepContext } from '../loop/context.ts';
import { digest } from '../loop/open-loop.ts';
import { readCopyChanges, takeCopyChanges } from '../trees/copied-tree.ts';

/** Raised when the facts change their form or meaning. */
const version = 7;

/**
 * Runs setup, build, tests, guard and benchmark on the base; later calls, of other loops too, read the facts found.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function baseFacts(context: StepContext): Promise<BaseFacts> {
  const { worker, loop, signal } = context;
  const { facts: file, lock } = dataPaths(worker.dataDirectory).base(await keyOf(context));
  const found = (await readFacts(file)) ?? (await withLock(lock, examine, { signal }));
  if (found.copyChanges) await takeCopyChanges(loop, found.copyChanges);
  return found;

  // Whoever comes second, in this process or another, reads what the first found.
  async function examine(): Promise<BaseFacts> {
    const known = await readFacts(file);
    if (known) return known;
    const facts = { ...(await qualifyBase(context)), copyChanges: await readCopyChanges(loop) };
    await writeAtomically(file, JSON.stringify(facts));
    return facts;
  }
}

/** Adds a run of the tests, or of the guard's, on the base, and the names of what passed. */
export async function addBaseRun(
  context: StepContext,
  field: 'test' | 'guard',
  { run, names }: { run: TestRun; names: NameCounts | null },
): Promise<void> {
  const { facts: file, lock } = dataPaths(context.worker.dataDirectory).base(await keyOf(context));
  const add = async () => {
    const known = await readFacts(file);
    if (!known) return;
    const { [`${field}Runs` as const]: runs, [`${field}Names` as const]: before } = known;
    const common = before && names ? commonTests(before, names) : before;
    const changed = { [`${field}Runs`]: sumRuns([run], runs), [`${field}Names`]: common };
    await writeAtomically(file, JSON.stringify({ ...known, ...changed }));
  };
  await withLock(lock, add, { signal: context.signal });
}

/** @returns null where there are none, or nothing that can be read */
async function readFacts(file: string): Promise<BaseFacts | null> {
  const facts = await readJson<Partial<BaseFacts>>(file).catch(() => null);
  return typeof facts?.testMs === 'number' ? (facts as BaseFacts) : null;
}

/** Fields of a config that no run of the base depends on. */
const aside: ReadonlySet<string> = new Set<keyof LoopConfig>([
  ...(['$schema', 'repository', 'base', 'branch', 'hypothesis', 'budget', 'iterations'] as const),
  ...(['minImprovement', 'falseCommitRate', 'patience', 'commit', 'profile'] as const),
]);

/** Digests all that the facts depend on. Held-out tests that their owner changed are tried on the base again. */
async function keyOf({ worker: { sandbox, settings }, loop }: StepContext): Promise<string> {
  const { plan, grants, clone } = loop;
  const programs = commandsOf(plan.config).flatMap(([, command]) =>
    splitCommand(command).map(([program = '']) => program),
  );
  const states = [...new Set([...settings.tools, ...programs])].map((name) => stateOf(findTool(name)));
  return digest(
    version,
    await treeOf(clone, plan.baseSha),
    Object.entries(plan.config).filter(([field]) => !aside.has(field)),
    { ...grants, commandSource: null },
    grants.environment.map((name) => process.env[name]),
    grants.guard && (await stateBelow(grants.guard.directory)),
    await Promise.all(states),
    [sandbox.kind, sandbox.limitsLayer, settings.tools, cpus().length, cpus()[0]?.model],
  );
}

async function stateBelow(directory: string): Promise<unknown> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(stateOf));
}

async function stateOf(file: string | null): Promise<unknown> {
  const facts = file === null ? null : await stat(file).catch(() => null);
  return [file, ...(facts ? [facts.size, facts.mtimeMs] : [])];
}
