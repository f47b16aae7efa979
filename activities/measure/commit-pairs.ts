import { activityInfo } from '@temporalio/activity';
import type { StartUp } from '../../domain/verdict/corroboration.ts';
import type { MeasuredPair, Side } from '../../domain/verdict/pair.ts';
import { theBenchmark } from './execute.ts';
import { openJournal, readJournal, type Journal } from './journal.ts';
import { drawPairs, openSides, startUpOfDecision } from './pairs.ts';
import { exclusively, type StepContext } from '../loop/context.ts';

interface FreshPairsOptions {
  /** Directory of the journal. */
  directory: string;
  isComplete: (pairs: readonly MeasuredPair[], startUp: StartUp) => boolean;
  /** Failures of the candidate that end the drawing. Only with 1, the default, the failure is written down. */
  maxFailures?: number;
}

type FreshPairs =
  { ok: true; seed: number; pairs: readonly MeasuredPair[]; startUp: StartUp } | { ok: false; problem: string };

/**
 * Draws pairs of two commits by the loop's benchmark until `isComplete`.
 * A journal of their own keeps them for later attempts.
 * @throws ApplicationFailure "Refused" where the base cannot be judged
 */
export async function drawFreshPairs(
  context: StepContext,
  commits: Record<Side, string>,
  { directory, isComplete, maxFailures = 1 }: FreshPairsOptions,
): Promise<FreshPairs> {
  const startUp = await startUpOfDecision(context, directory, commits.champion);
  const known = await readJournal(directory);
  const isEnough = (pairs: readonly MeasuredPair[]) => isComplete(pairs, startUp);
  if (known && isEnough(known.pairs)) return { ok: true, seed: known.head.seed, pairs: known.pairs, startUp };
  const attempt = activityInfo().currentAttemptScheduledTimestampMs;
  const about = { ...commits, startUp };
  const journal = await exclusively(context, ({ sandbox }) => openJournal(sandbox, { directory, about, attempt }));
  try {
    const opened = await openSides(context, commits);
    if (!opened.ok) return { ok: false, problem: opened.detail };
    const measuring = { context, sides: opened.sides, what: theBenchmark(context.loop) };
    // Begins again after a failure of the candidate, with the same pairs and coin.
    for (let failures = 1; ; failures++) {
      const broken = await drawPairs(measuring, maxFailures > 1 ? forgiving(journal) : journal, isEnough);
      if (!broken) return { ok: true, seed: journal.head.seed, pairs: journal.pairs, startUp };
      if (broken.kind === 'void' || failures >= maxFailures) return { ok: false, problem: broken.problem };
    }
  } finally {
    await journal.close();
  }
}

/** Returns the same journal, but a candidate's failure is kept in it only as long as one drawing takes. */
function forgiving(journal: Journal): Journal {
  const lenient: Journal = {
    ...journal,
    failure: null,
    fail(_bench, problem) {
      lenient.failure = problem;
      return Promise.resolve();
    },
  };
  return lenient;
}
