import type { SandboxResult } from '../../adapters/sandbox/contract.ts';
import { nameTests, type TestRun } from '../../domain/protection/flaky-tests.ts';
import { testShortfall, type TestCount } from '../../domain/protection/test-count.ts';
import { maxFailed, missingTests, type NameCounts } from '../../domain/protection/test-names.ts';
import { toLine, tail } from '../../domain/text.ts';
import { execute, explainRun, newBenchSeed } from '../measure/execute.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { digest, type OpenLoop } from '../loop/open-loop.ts';
import { search, searchLimit } from '../search/search.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';

/** Tests that a tree must pass: the visible ones, or the guard. */
export interface Suite {
  field: 'test' | 'guard';
  command: string;
  /** Place of the number of tests in the output; null: as the common runners print it. */
  pattern: string | null;
  /** The guard's directory on the host. */
  guard?: string;
  /** Default: one that no program can know; null: none. */
  benchSeed?: number | null;
  /** Default: the loop's limit. */
  seconds?: number;
}

export interface SuiteRun {
  /** Null if they passed; else why not, with the end of the output. A guard tells only how it ended. */
  problem: string | null;
  /** Tests that passed; null where the output does not tell. */
  count: TestCount | null;
  /** Names of the tests that failed, or did not run; null where there are none, and of a guard. */
  failed: string[] | null;
  /** Tests that passed, where the run ended well and its output names all of them; else null. Digests of a guard's. */
  names: NameCounts | null;
  /** The change that makes the tests print their names, where they do not. */
  naming: string | null;
  /** Set if the tests failed by themselves, with an exit code of their own. */
  isOrderly: boolean;
  /** Set if the failure speaks of a tree that cannot be written. */
  blamesTree: boolean;
  /** Last line of the output without its numbers; null if it printed nothing, or did not pass. */
  ending: string | null;
  /** Wall time, in ms. */
  wallMs: number;
}

export function visibleTests({ plan: { config } }: OpenLoop): Suite {
  return { field: 'test', command: config.test, pattern: config.testCount?.pattern ?? null };
}

/** The held-out tests; null where the loop has none. */
export function heldOutTests({ grants: { guard } }: OpenLoop): Suite | null {
  if (!guard) return null;
  const { command, testCount, directory } = guard;
  return { field: 'guard', command, pattern: testCount?.pattern ?? null, guard: directory };
}

/** Facts of the base that a run is held to. */
export type BaseReport = Pick<SuiteRun, 'count' | 'ending' | 'names'>;

/**
 * Runs tests on a tree.
 * @param base results that this run may not fall short of; null for the base itself
 */
export async function runSuite(
  context: StepContext,
  suite: Suite,
  tree: MountedTree,
  base: BaseReport | null,
): Promise<SuiteRun> {
  const { field, command, guard, benchSeed = newBenchSeed() } = suite;
  const { seconds = context.loop.plan.config.limits.testSeconds } = suite;
  const request = { ...tree, command, seconds, benchSeed, ...(guard !== undefined && { guard }) };
  const result = await exclusively(context, (held) => execute(held, request));
  const { wallMs, status, exitCode } = result;
  const isGuard = field === 'guard';
  const read = await search('tests', `${result.stdout}\n${result.stderr}`, status === 'ok', suite.pattern);
  const { count, naming } = read ?? { count: null, naming: null };
  const passed = isGuard ? read?.passed.map(([name, times]) => [digest(name), times] as const) : read?.passed;
  const names = (read?.isNamed && passed) || null;
  const isOrderly = status === 'failed' && exitCode !== null;
  const failed = (problem: string, named: string[] | null = read?.failed ?? null): SuiteRun => {
    const facts = { count, failed: isGuard ? null : named, names, naming };
    return { problem, ...facts, isOrderly, blamesTree: blamesTree(result), ending: null, wallMs };
  };
  // The text of a guard's failure would teach the next candidate what is asked.
  if (status !== 'ok') return failed(explainRun(field, isGuard ? { ...result, tail: '' } : result));
  const remedy = `within ${searchLimit}; print less`;
  if (!passed) return failed(`${field}: the output could not be searched for the number of tests ${remedy}`);
  const missing = missingTests(passed, base?.names ?? []);
  const ofBase = `of the base's tests ${missing.length === 1 ? 'is' : 'are'} missing, skipped or renamed`;
  if (missing.length > 0)
    return failed(`${field}: ${missing.length} ${ofBase}: ${nameTests(missing)}`, missing.slice(0, maxFailed));
  const ending = endingOf(result);
  const shortfall = base && (base.count ? testShortfall(count, base.count) : otherEnding(ending, base.ending));
  if (shortfall) return failed(`${field}: ${shortfall}`);
  return { problem: null, count, failed: null, names, naming, isOrderly, blamesTree: false, ending, wallMs };
}

/** @param passed default: if there was no problem */
export function toTestRun({ problem, failed, count }: SuiteRun, passed = problem === null): TestRun {
  return { passed, failed, count: count && count.passed };
}

function blamesTree({ stdout, tail: end }: SandboxResult): boolean {
  return /EROFS|read-?only file ?system|readonly database/i.test(`${stdout.slice(-65_536)}\n${end}`);
}

function endingOf({ stdout, tail: end }: SandboxResult): string | null {
  const line = (tail(stdout) || end).trimEnd().split('\n').at(-1) ?? '';
  return toLine(line.replace(/[0-9]+(?:[.,][0-9]+)*/g, '#')) || null;
}

/** A program that stops in the middle, by a promise that never settles, ends with success too. */
function otherEnding(found: string | null, base: string | null): string | null {
  if (base === null || found === base) return null;
  const endings = `"${found ?? ''}", on the base "${base}"`;
  return `the output ends otherwise than on the base (${endings}), so that it may not have come to its end`;
}
