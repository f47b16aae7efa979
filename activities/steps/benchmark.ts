import { activityInfo } from '@temporalio/activity';
import { termsOf } from '../../domain/config/plan.ts';
import { judgeUnseeded } from '../../domain/verdict/integrity/unseeded.ts';
import type { StartUp } from '../../domain/verdict/corroboration.ts';
import type { MeasuredPair } from '../../domain/verdict/pair.ts';
import { progressText } from '../../domain/verdict/progress.ts';
import { judgeSide } from '../../domain/verdict/side-metric.ts';
import type { BenchmarkAnswer, BenchmarkInput } from '../../domain/steps.ts';
import { isComplete, toVerdict } from '../../domain/verdict/verdict.ts';
import { decisionPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { told } from '../loop/told.ts';
import { baseFacts } from '../measure/baseline.ts';
import { sideMetric, theBenchmark, type Measurable } from '../measure/execute.ts';
import { decisionDirectory, openJournal } from '../measure/journal.ts';
import { judgeDecision, type DecisionResult } from '../measure/judge-journals.ts';
import { drawPairs, openSides, startUpOfDecision, type SidesResult } from '../measure/pairs.ts';

/** A question that pairs in one journal answer. */
interface PairQuestion {
  directory: string;
  what: Measurable;
  isUnseeded?: boolean;
  progress?: (pairs: readonly MeasuredPair[]) => string;
  isComplete: (pairs: readonly MeasuredPair[]) => boolean;
  /** Tells if the pairs so far will do when no more can be had. */
  suffices: (pairs: readonly MeasuredPair[]) => boolean;
}

/**
 * Measures the candidate against the champion in pairs until the rule stops, then the fresh pairs.
 * An accepted one without objection is also measured without BENCH_SEED, then its side metrics.
 */
export async function benchmark(context: StepContext, input: BenchmarkInput): Promise<BenchmarkAnswer> {
  const { loop } = context;
  const directory = decisionDirectory(loop, input);
  const startUp = await startUpOfDecision(context, directory, input.champion);
  const terms = termsOf(loop.plan, startUp);
  const ask = await asker(context, input, startUp);
  const failed = await ask({
    directory,
    what: theBenchmark(loop),
    progress: (pairs) => progressText(pairs, terms),
    isComplete: (pairs) => isComplete(pairs, terms),
    // The fresh pairs cannot change the verdict; where one cannot be had, those that there are must do.
    suffices: (pairs) => toVerdict(pairs, terms).verdict === 'accepted',
  });
  if (failed) return failed;
  const decided = await decidedSoFar(loop, input);
  if (isOpen(decided) && decided.unseeded === 'continue') {
    const { ratio } = decided.verdict.reported;
    const isJudged = (pairs: readonly MeasuredPair[]) => judgeUnseeded(pairs, ratio, terms).verdict !== 'continue';
    const journal = { directory: decisionPaths(directory).unseeded, what: theBenchmark(loop), isUnseeded: true };
    const unjudged = await ask({ ...journal, isComplete: isJudged, suffices: isJudged });
    if (unjudged) return unjudged;
  }
  for (const side of loop.plan.config.sideMetrics) {
    if (!isOpen(await decidedSoFar(loop, input))) break;
    const samples = (pairs: readonly MeasuredPair[]) => pairs.map(({ pair }) => pair);
    const isJudged = (pairs: readonly MeasuredPair[]) => judgeSide(samples(pairs), side).verdict !== 'continue';
    const journal = { directory: decisionPaths(directory).side(side.name), what: sideMetric(loop, side) };
    const unjudged = await ask({ ...journal, isComplete: isJudged, suffices: isJudged });
    if (unjudged) return unjudged;
  }
  const { failure, verdict, objection } = await decidedSoFar(loop, input);
  if (failure !== null) return { kind: 'failed', reason: 'benchmark-failed', detail: failure };
  return { kind: 'judged', verdict, objection };
}

/** Returns what answers questions; the first one that is still open has the sides made runnable. */
async function asker(context: StepContext, { champion, tree }: BenchmarkInput, startUp: StartUp) {
  const { unseeded, unseededOutput } = await baseFacts(context);
  const attempt = activityInfo().currentAttemptScheduledTimestampMs;
  const about = { champion, candidate: tree, startUp, checksUnseeded: unseeded === 'works' };
  let opened: SidesResult | null = null;
  return async ({
    directory,
    what,
    isUnseeded = false,
    progress,
    isComplete,
    suffices,
  }: PairQuestion): Promise<Extract<BenchmarkAnswer, { kind: 'failed' }> | null> => {
    const journal = await exclusively(context, ({ sandbox }) => openJournal(sandbox, { directory, about, attempt }));
    try {
      // Complete journals stay as they are: not even a failing warm-up may undo them.
      if (journal.failure !== null) return { kind: 'failed', reason: 'benchmark-failed', detail: journal.failure };
      if (isComplete(journal.pairs)) return null;
      opened ??= await openSides(context, { champion, candidate: tree });
      if (!opened.ok) {
        const { side } = opened;
        const detail = told(context.loop, opened.detail);
        return side === 'champion'
          ? { kind: 'failed', reason: 'infrastructure', detail: `champion: ${detail}` }
          : { kind: 'failed', reason: 'benchmark-failed', detail };
      }
      const asked = { what, isUnseeded, unseededOutput, ...(progress && { progress }) };
      const measuring = { context, sides: opened.sides, ...asked };
      const stopped = await drawPairs(measuring, journal, isComplete);
      if (stopped === null || (stopped.kind === 'void' && suffices(journal.pairs))) return null;
      const reason = stopped.kind === 'void' ? 'infrastructure' : 'benchmark-failed';
      return { kind: 'failed', reason, detail: stopped.problem };
    } finally {
      await journal.close();
    }
  };
}

/** Tells if a candidate may still be committed. */
function isOpen({ verdict: { verdict }, objection, failure }: DecisionResult): boolean {
  return verdict === 'accepted' && objection === null && failure === null;
}

async function decidedSoFar(loop: OpenLoop, input: BenchmarkInput): Promise<DecisionResult> {
  const decided = await judgeDecision(loop, input);
  if (!decided) throw new Error('the journal of the decision is gone');
  return decided;
}
