import { activityInfo } from '@temporalio/activity';
import { screeningPairs } from '../../domain/config/effort.ts';
import { termsOf } from '../../domain/config/plan.ts';
import {
  betterHalf,
  furthest,
  mostPromising,
  toScreened,
  type Screened,
  type ScreenResult,
} from '../../domain/ledger/screened.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { ApplyAnswer, BenchmarkInput, IterationRef, ScreenAnswer, ScreenInput } from '../../domain/steps.ts';
import { gain } from '../../domain/verdict/gain.ts';
import { gainOf } from '../../domain/verdict/verdict.ts';
import { writeAtomically } from '../../store/files.ts';
import { iterationPaths, loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { told } from '../loop/told.ts';
import { baseFacts } from '../measure/baseline.ts';
import { theBenchmark } from '../measure/execute.ts';
import { openJournal } from '../measure/journal.ts';
import { drawPairs, openSides } from '../measure/pairs.ts';
import { readScreened, type ScreenedTree } from '../record/screened.ts';
import { testOnce } from '../suites/judge-suite.ts';
import { programOf } from '../trees/program.ts';
import { applyHypothesis } from '../edits/apply-hypothesis.ts';

/**
 * Tries several hypotheses cheaply: build, visible tests, a pair each, and a few more of the better half.
 * The best goes on, to pairs of its own.
 */
export async function screen(context: StepContext, input: ScreenInput): Promise<ScreenAnswer> {
  const { hypotheses, ...ref } = input;
  const saying = (at: number): StepContext => ({
    ...context,
    say: (text) => context.say(`candidate ${at + 1} of ${hypotheses.length}: ${text}`),
  });
  const results: ScreenResult[] = [];
  for (const [at, hypothesis] of hypotheses.entries()) results.push(await tryOne(saying(at), { ...ref, hypothesis }));
  let left = results.flatMap(({ where }, at) => (where === 'pairs' ? [at] : []));
  for (const pairs of theBenchmark(context.loop).noise === 'exact' ? [1] : [1, screeningPairs]) {
    // One alone has nothing to be compared with: its decision begins at once.
    if (left.length < 2) break;
    for (const at of left) {
      const compared = await compare(saying(at), { ref, pairs }, results[at]!);
      if ('fault' in compared) {
        const screened = results.filter((_, other) => other !== at).map(toScreened);
        return { kind: 'failed', ...fault(results[at]!.hypothesis, compared.fault), screened };
      }
      results[at] = compared;
    }
    left = betterHalf(results, left);
  }
  const chosen = mostPromising(left.map((at) => results[at]!)) ?? mostPromising(results);
  const kept = chosen ?? furthest(results);
  const screened = results.filter((one) => one !== kept).map(toScreened);
  const { hypothesis, tree, detail } = kept;
  if (chosen) return { kind: 'chosen', hypothesis, screened };
  return { kind: 'failed', reason: reasons[kept.where as keyof typeof reasons], detail, tree, hypothesis, screened };
}

const reasons = {
  edit: 'edit-refused',
  duplicate: 'duplicate',
  build: 'build-failed',
  tests: 'tests-failed',
  benchmark: 'benchmark-failed',
} as const;

function fault(hypothesis: Hypothesis, detail: string) {
  return { reason: 'infrastructure', hypothesis, detail, tree: null } as const;
}

/** Builds and tests one; "pairs" without a ratio says that it passed. */
async function tryOne(context: StepContext, input: IterationRef & { hypothesis: Hypothesis }): Promise<ScreenResult> {
  const { hypothesis } = input;
  const began = performance.now();
  const applied = await applyHypothesis(context, input);
  const { tree } = applied;
  const program = tree ? await programOf(context.loop, tree) : null;
  const facts = { hypothesis, tree, program, ratio: null };
  const seconds = () => Math.round(performance.now() - began) / 1000;
  if (applied.kind === 'refused') {
    const { reason, detail } = applied;
    return { ...facts, where: placeOf(reason), detail, seconds: seconds() };
  }
  const known = await readScreened(context.loop, { ...input, tree: applied.tree });
  if (known) return { ...facts, ...known };
  const failed = await testOnce(context, { ...input, tree: applied.tree });
  const result = { ...facts, where: failed === null ? 'pairs' : 'tests', detail: failed ?? '' } as const;
  return keepResult(context, input, { ...result, seconds: seconds() });
}

/** Measures one that passed, up to so many pairs in all. */
async function compare(
  context: StepContext,
  { ref, pairs }: { ref: IterationRef; pairs: number },
  result: ScreenResult,
): Promise<ScreenResult | { fault: string }> {
  const began = performance.now();
  const measured = await measure(context, { ...ref, tree: result.tree! }, pairs);
  if ('fault' in measured) return measured;
  const seconds = result.seconds + Math.round(performance.now() - began) / 1000;
  return keepResult(context, ref, { ...result, ...measured, seconds });
}

async function keepResult(
  { loop }: StepContext,
  { iteration, champion }: IterationRef,
  result: ScreenResult,
): Promise<ScreenResult> {
  const { tree, where, detail, ratio, seconds } = result;
  const { screenedResult } = iterationPaths(loopPaths(loop.directory).iteration(iteration));
  const kept: ScreenedTree = { where, detail, ratio, seconds, champion };
  await writeAtomically(screenedResult(tree!), JSON.stringify(kept));
  return result;
}

function placeOf(reason: Extract<ApplyAnswer, { kind: 'refused' }>['reason']): Screened['where'] {
  return reason === 'edit-refused' ? 'edit' : reason === 'build-failed' ? 'build' : reason;
}

/** Draws a candidate's pairs into a journal of their own; they are never drawn again. */
async function measure(
  context: StepContext,
  input: BenchmarkInput,
  enough: number,
): Promise<Pick<ScreenResult, 'where' | 'detail' | 'ratio'> | { fault: string }> {
  const { loop } = context;
  const { champion, tree: candidate } = input;
  const opened = await openSides(context, { champion, candidate });
  if (!opened.ok && opened.side === 'champion') return { fault: `champion: ${told(loop, opened.detail)}` };
  if (!opened.ok) return { where: 'benchmark', detail: told(loop, opened.detail), ratio: null };
  const { startUp } = await baseFacts(context);
  const { cpuMs, wallMs, isEvadable } = startUp;
  const about = { champion, candidate, startUp: { cpuMs, wallMs, ...(isEvadable && { isEvadable }) } };
  const directory = iterationPaths(loopPaths(loop.directory).iteration(input.iteration)).screened(candidate);
  const attempt = activityInfo().currentAttemptScheduledTimestampMs;
  const journal = await exclusively(context, ({ sandbox }) => openJournal(sandbox, { directory, about, attempt }));
  try {
    const what = theBenchmark(loop);
    const measuring = { context, sides: opened.sides, what, isGlance: true };
    const stopped = await drawPairs(measuring, journal, (pairs) => pairs.length >= enough);
    if (stopped?.kind === 'void' && journal.pairs.length === 0) return { fault: stopped.problem };
    if (stopped?.kind === 'candidate-failed') return { where: 'benchmark', detail: stopped.problem, ratio: null };
    const terms = termsOf(loop.plan, about.startUp);
    const { ratio } = gainOf(journal.pairs, terms);
    const count = journal.pairs.length === 1 ? '1 pair' : `${journal.pairs.length} pairs`;
    return { where: 'pairs', detail: `${gain(ratio, terms.policy)} by the median of ${count}`, ratio };
  } finally {
    await journal.close();
  }
}
