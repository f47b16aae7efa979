import { activityInfo } from '@temporalio/activity';
import { screeningPairs } from '../../domain/config/effort.ts';
import { termsOf } from '../../domain/config/plan.ts';
import { furthest, mostPromising, toScreened, type Screened, type ScreenResult } from '../../domain/ledger/screened.ts';
import type { Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { ApplyAnswer, BenchmarkInput, ScreenAnswer, ScreenInput } from '../../domain/steps.ts';
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
 * Tries several hypotheses cheaply: build, visible tests, a few pairs. The best goes on, to pairs of its own.
 */
export async function screen(context: StepContext, input: ScreenInput): Promise<ScreenAnswer> {
  const { hypotheses, ...ref } = input;
  const results: ScreenResult[] = [];
  for (const [index, hypothesis] of hypotheses.entries()) {
    const say = (text: string) => context.say(`candidate ${index + 1} of ${hypotheses.length}: ${text}`);
    const result = await screenOne({ ...context, say }, { ...ref, hypothesis });
    if ('fault' in result)
      return { kind: 'failed', ...fault(hypothesis, result.fault), screened: results.map(toScreened) };
    results.push(result);
  }
  const chosen = mostPromising(results);
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

async function screenOne(
  context: StepContext,
  input: Omit<ScreenInput, 'hypotheses'> & { hypothesis: Hypothesis },
): Promise<ScreenResult | { fault: string }> {
  const { hypothesis } = input;
  const began = performance.now();
  const applied = await applyHypothesis(context, input);
  const { tree } = applied;
  const program = tree ? await programOf(context.loop, tree) : null;
  const facts = { hypothesis, tree, program };
  const seconds = () => Math.round(performance.now() - began) / 1000;
  if (applied.kind === 'refused') {
    const { reason, detail } = applied;
    return { ...facts, where: placeOf(reason), detail, ratio: null, seconds: seconds() };
  }
  const known = await readScreened(context.loop, { ...input, tree: applied.tree });
  if (known) return { ...facts, ...known };
  const measured = await measure(context, { ...input, tree: applied.tree });
  if ('fault' in measured) return measured;
  const result: ScreenedTree = { ...measured, champion: input.champion, seconds: seconds() };
  const { screenedResult } = iterationPaths(loopPaths(context.loop.directory).iteration(input.iteration));
  await writeAtomically(screenedResult(applied.tree), JSON.stringify(result));
  return { ...facts, ...result };
}

function placeOf(reason: Extract<ApplyAnswer, { kind: 'refused' }>['reason']): Screened['where'] {
  return reason === 'edit-refused' ? 'edit' : reason === 'build-failed' ? 'build' : reason;
}

/** Tests a candidate once, then draws its pairs into a journal of their own; they are never drawn again. */
async function measure(
  context: StepContext,
  input: BenchmarkInput,
): Promise<Pick<ScreenResult, 'where' | 'detail' | 'ratio'> | { fault: string }> {
  const { loop } = context;
  const { champion, tree: candidate } = input;
  const failed = await testOnce(context, input);
  if (failed !== null) return { where: 'tests', detail: failed, ratio: null };
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
    const enough = what.noise === 'exact' ? 1 : screeningPairs;
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
