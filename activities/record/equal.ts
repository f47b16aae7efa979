import { treeOf } from '../../adapters/git/trees.ts';
import { isExcused } from '../../domain/protection/flaky-tests.ts';
import type { IterationRef } from '../../domain/steps.ts';
import { readHistory, type PastRecord } from '../../ledger/history.ts';
import type { StepContext } from '../loop/context.ts';
import { baseFacts } from '../measure/baseline.ts';
import { programOf } from '../trees/program.ts';

/** Says in one line which program a tree's is, the champion's or an earlier candidate's, so that no run is needed; else null. */
export async function findEqual(
  context: StepContext,
  { champion, iteration }: Pick<IterationRef, 'champion' | 'iteration'>,
  tree: string,
): Promise<string | null> {
  const { loop } = context;
  const { clone, plan } = loop;
  const present = await treeOf(clone, champion);
  if (tree === present) return 'equal to the champion';
  const program = await programOf(loop, tree);
  if (program === (await programOf(loop, present)))
    return 'same program as the champion: comments, white space or local names alone differ';
  for (const record of await readHistory(clone, plan.loopId)) {
    const { candidate, reason, outcome } = record;
    if (record.iteration === iteration) continue;
    const isSame = candidate?.tree === tree;
    const place = `the candidate of iteration ${record.iteration} (${reason ?? outcome})`;
    if ((isSame || candidate?.program === program) && !(await isOpen(context, record)))
      return isSame ? `equal to ${place}` : `same program as ${place}`;
    const screened = record.screened?.find((one) => one.program === program && isJudged.has(one.where));
    if (screened) return `same program as one that was screened in iteration ${record.iteration} (${screened.where})`;
  }
  return null;
}

/** A test that fails once may be flaky, and pairs of a screening are no evidence. */
const isJudged: ReadonlySet<string> = new Set(['build', 'benchmark']);

/** Tells if a candidate may come again, which ended for the machine's sake, or failed by tests that may pass. */
async function isOpen(context: StepContext, { reason, failedTests }: PastRecord): Promise<boolean> {
  // A duplicate is judged by the one that it equals.
  const unjudged: unknown[] = ['infrastructure', 'cancelled', 'stale', 'duplicate'];
  if (!failedTests) return unjudged.includes(reason);
  const { testRuns, guardRuns } = await baseFacts(context);
  const { names, isUnstable } = failedTests;
  const run = { passed: false, failed: names.length > 0 ? names : null, count: null };
  return isUnstable || isExcused(run, reason === 'guard-failed' ? guardRuns : testRuns);
}
