import { runInNewContext } from 'node:vm';
import type { SandboxResult } from '../../adapters/sandbox/contract.ts';
import { countTests, testShortfall, type TestCount } from '../../domain/protection/test-count.ts';
import { toLine, tail } from '../../domain/text.ts';
import type { SuiteCount } from './base-facts.ts';
import { execute, explainRun } from './execute.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import type { MountedTree } from '../trees/runnable-tree.ts';

/** Longest search for the number of tests in one output, in ms. */
const searchTimeoutMs = 2_000;

/** Tests that a tree must pass: the visible ones, or the guard. */
export interface Suite {
  field: 'test' | 'guard';
  command: string;
  /** Place of the number of tests in the output; null: as the common runners print it. */
  pattern: string | null;
  /** The guard's directory on the host. */
  guard?: string;
}

export interface SuiteRun {
  /** Null if they passed; else why not, with the end of the output. A guard tells only how it ended. */
  problem: string | null;
  /** Null unless they passed and the output tells. */
  count: SuiteCount | null;
  /** Last line of the output, numbers left out: that a run whose tests are not counted came to its end. Null if it printed nothing, or did not pass. */
  ending: string | null;
  /** Wall time, in ms. */
  wallMs: number;
}

/** Results of the same tests on the base. */
type SuiteBase = Pick<SuiteRun, 'count' | 'ending'>;

export function visibleTests({ plan: { config } }: OpenLoop): Suite {
  return { field: 'test', command: config.test, pattern: config.testCount?.pattern ?? null };
}

/** The held-out tests; null where the loop has none. */
export function heldOutTests({ grants: { guard } }: OpenLoop): Suite | null {
  return (
    guard && {
      field: 'guard',
      command: guard.command,
      pattern: guard.testCount?.pattern ?? null,
      guard: guard.directory,
    }
  );
}

/**
 * Runs tests on a tree.
 * @param base results that this run may not fall short of; null for the base itself
 */
export async function runSuite(
  context: StepContext,
  suite: Suite,
  tree: MountedTree,
  base: SuiteBase | null,
): Promise<SuiteRun> {
  const { field, command, guard } = suite;
  const seconds = context.loop.plan.config.limits.testSeconds;
  const request = { ...tree, command, seconds, ...(guard !== undefined && { guard }) };
  const result = await exclusively(context, (held) => execute(held, request));
  const { wallMs } = result;
  const failed = (problem: string): SuiteRun => ({ problem, count: null, ending: null, wallMs });
  // The text of a guard's failure would teach the next candidate what is asked.
  if (result.status !== 'ok') return failed(explainRun(field, field === 'guard' ? { ...result, tail: '' } : result));
  const found = countIn(result, suite, base?.count?.in);
  if (found === 'too long')
    return failed(
      `${field}: the output could not be searched for the number of tests within ${searchTimeoutMs} ms; print less`,
    );
  const ending = endingOf(result);
  const shortfall = base && (base.count ? testShortfall(found, base.count) : otherEnding(ending, base.ending));
  return { problem: shortfall && `${field}: ${shortfall}`, count: found, ending, wallMs };
}

function endingOf({ stdout, tail: end }: SandboxResult): string | null {
  const line = (tail(stdout) || end).trimEnd().split('\n').at(-1) ?? '';
  return toLine(line.replace(/[0-9]+(?:[.,][0-9]+)*/g, '#')) || null;
}

/** A program that stops in the middle, by a promise that never settles, ends with success too. */
function otherEnding(found: string | null, base: string | null): string | null {
  if (base === null || found === base) return null;
  return `the output ends otherwise than on the base ("${found ?? ''}", on the base "${base}"), so that it may not have come to its end`;
}

/** Reads the number in the place where the base has it, so that a line elsewhere neither adds nor hides. */
function countIn(
  { stdout, tail }: SandboxResult,
  { pattern }: Suite,
  place?: SuiteCount['in'],
): SuiteCount | null | 'too long' {
  try {
    if (place !== undefined) return countOf(place === 'stdout' ? stdout : tail, pattern, place);
    const [whole, end] = [countOf(stdout, pattern, 'stdout'), countOf(tail, pattern, 'tail')];
    // The end of both streams repeats what standard output has, so it is taken only where it has more.
    return (end?.reports ?? 0) > (whole?.reports ?? 0) ? end : whole;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too long';
    throw error;
  }
}

function countOf(text: string, pattern: string | null, place: SuiteCount['in']): SuiteCount | null {
  // Patterns are somebody's and the output is a candidate's: together they could keep the whole worker busy for ever.
  const count = runInNewContext(
    'read()',
    { read: () => countTests(text, pattern ?? undefined) },
    { timeout: searchTimeoutMs },
  ) as TestCount | null;
  return count && { ...count, in: place };
}
