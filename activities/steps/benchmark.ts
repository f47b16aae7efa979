import { Context } from '@temporalio/activity';
import { withMachineLock } from '../../adapters/lock.ts';
import { policyOf } from '../../domain/config/plan.ts';
import type { MeasuredPair } from '../../domain/ledger/record.ts';
import { judgeSide } from '../../domain/verdict/side-metric.ts';
import type { BenchmarkAnswer, BenchmarkInput } from '../../domain/steps.ts';
import { isComplete, toVerdict } from '../../domain/verdict/verdict.ts';
import type { BaseFacts } from '../measure/base-facts.ts';
import { baseFacts } from '../measure/baseline.ts';
import { sideMetric, theBenchmark, type Measurable } from '../measure/execute.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { decisionDirectory, openJournal } from '../measure/journal.ts';
import { readDecided, type Decided } from '../measure/judgement.ts';
import { drawPairs, openSides, type OpenedSides } from '../measure/pairs.ts';
import { openLoop, type OpenLoop, type Resources } from '../loop/resources.ts';
import { decisionPaths } from '../../store/layout.ts';

type Failed = Extract<BenchmarkAnswer, { kind: 'failed' }>;

/** What is measured into one journal. */
interface Question {
  directory: string;
  what: Measurable;
  isComplete: (pairs: readonly MeasuredPair[]) => boolean;
  /** Whether what there is will do where no more pairs can be had. */
  suffices: (pairs: readonly MeasuredPair[]) => boolean;
}

/**
 * Measures the candidate against the champion in coin-ordered pairs until the rule stops, then the fresh pairs; of an accepted one whose gain the
 * loop's own clock saw too, also the side metrics.
 */
export async function benchmark(resources: Resources, input: BenchmarkInput): Promise<BenchmarkAnswer> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    const decision = await decisionDirectory(loop, input);
    const facts = await baseFacts(resources, loop, signal);
    const ask = asker(resources, loop, input, facts, signal);
    const failed = await ask(theDecision(loop, decision));
    if (failed) return failed;
    for (const side of loop.plan.config.sideMetrics) {
      const decided = await decidedSoFar(loop, input);
      if (decided.verdict.verdict !== 'accepted' || decided.objection || decided.failure !== null) break;
      const stopped = (pairs: readonly MeasuredPair[]) => judgeSide(toPairs(pairs), side).verdict !== 'continue';
      const question = {
        directory: decisionPaths(decision).side(side.name),
        what: sideMetric(loop, side),
        isComplete: stopped,
        suffices: stopped,
      };
      const unjudged = await ask(question);
      if (unjudged) return unjudged;
    }
    const { failure, verdict, objection } = await decidedSoFar(loop, input);
    return failure === null
      ? { kind: 'judged', verdict, objection }
      : { kind: 'failed', reason: 'benchmark-failed', detail: failure };
  });
}

function theDecision(loop: OpenLoop, directory: string): Question {
  const policy = policyOf(loop.plan);
  return {
    directory,
    what: theBenchmark(loop),
    isComplete: (pairs) => isComplete(pairs, policy),
    // The fresh pairs cannot change the verdict; where one cannot be had, those that there are must do.
    suffices: (pairs) => toVerdict(pairs, policy).verdict === 'accepted',
  };
}

/** Answers questions one after the other; the sides are made runnable for the first that is not answered yet, and for no other. */
function asker(
  resources: Resources,
  loop: OpenLoop,
  { champion, tree }: BenchmarkInput,
  { startUp }: BaseFacts,
  signal: AbortSignal,
) {
  const attempt = Context.current().info.currentAttemptScheduledTimestampMs;
  const about = { champion, candidate: tree, startUp: { cpuMs: startUp.cpuMs, wallMs: startUp.wallMs } };
  let opened: OpenedSides | null = null;
  return async (question: Question): Promise<Failed | null> => {
    const journal = await withMachineLock(() => openJournal(question.directory, about, attempt), { signal });
    try {
      // What is complete is not touched again: not even a failing warm-up may undo it.
      if (journal.failure !== null) return { kind: 'failed', reason: 'benchmark-failed', detail: journal.failure };
      if (question.isComplete(journal.pairs)) return null;
      opened ??= await openSides(resources, loop, { champion, candidate: tree }, signal);
      if (!opened.ok) return { kind: 'failed', ...unready(opened) };
      const stopped = await drawPairs(
        { resources, loop, sides: opened.sides, what: question.what, signal },
        journal,
        question.isComplete,
      );
      if (stopped === null || (stopped.kind === 'void' && question.suffices(journal.pairs))) return null;
      return {
        kind: 'failed',
        reason: stopped.kind === 'void' ? 'infrastructure' : 'benchmark-failed',
        detail: stopped.problem,
      };
    } finally {
      await journal.close();
    }
  };
}

function unready({ side, detail }: Extract<OpenedSides, { ok: false }>): Pick<Failed, 'reason' | 'detail'> {
  return side === 'champion'
    ? { reason: 'infrastructure', detail: `champion: ${detail}` }
    : { reason: 'benchmark-failed', detail };
}

async function decidedSoFar(loop: OpenLoop, input: BenchmarkInput): Promise<Decided> {
  const decided = await readDecided(loop, input);
  if (!decided) throw new Error('the journal of the decision is gone');
  return decided;
}

function toPairs(pairs: readonly MeasuredPair[]) {
  return pairs.map(({ pair }) => pair);
}
