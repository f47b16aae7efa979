import { Context } from '@temporalio/activity';
import { withMachineLock } from '../../adapters/lock.ts';
import type { MeasuredPair, Side } from '../../domain/ledger/record.ts';
import { baseFacts } from './baseline.ts';
import { theBenchmark } from './execute.ts';
import { openJournal, readJournal, type Journal } from './journal.ts';
import { drawPairs, openSides, type Measuring } from './pairs.ts';
import type { OpenLoop, Resources } from '../loop/resources.ts';

interface Drawing {
  resources: Resources;
  loop: OpenLoop;
  /** Of the journal. */
  directory: string;
  signal: AbortSignal;
  /** Failures of the candidate that end the drawing. Default 1, which is written down and ends it for good; of more, none is. */
  maxFailures?: number;
}

export type FreshPairs = { ok: true; seed: number; pairs: readonly MeasuredPair[] } | { ok: false; problem: string };

/**
 * Draws pairs of two commits by the loop's benchmark until `isComplete`, in a journal of their own: what is there is not measured again.
 * Not to be called under the machine-wide lock, which it takes.
 * @throws ApplicationFailure "Refused" where the base cannot be judged on this worker
 */
export async function drawFreshPairs(
  { resources, loop, directory, signal, maxFailures = 1 }: Drawing,
  commits: Record<Side, string>,
  isComplete: (pairs: readonly MeasuredPair[]) => boolean,
): Promise<FreshPairs> {
  const known = await readJournal(directory);
  if (known && isComplete(known.pairs)) return { ok: true, seed: known.head.seed, pairs: known.pairs };
  const { startUp } = await baseFacts(resources, loop, signal);
  const attempt = Context.current().info.currentAttemptScheduledTimestampMs;
  const journal = await withMachineLock(() => openJournal(directory, { ...commits, startUp }, attempt), { signal });
  try {
    const opened = await openSides(resources, loop, commits, signal);
    if (!opened.ok) return { ok: false, problem: opened.detail };
    const measuring = { resources, loop, sides: opened.sides, what: theBenchmark(loop), signal };
    const broken =
      maxFailures > 1
        ? await drawAgain(measuring, journal, isComplete, maxFailures)
        : await drawPairs(measuring, journal, isComplete);
    return broken
      ? { ok: false, problem: broken.problem }
      : { ok: true, seed: journal.head.seed, pairs: journal.pairs };
  } finally {
    await journal.close();
  }
}

/** Begins again after a failure of the candidate, with the pairs that are there and the same coin, until it has failed so often. */
async function drawAgain(
  measuring: Measuring,
  journal: Journal,
  isComplete: (pairs: readonly MeasuredPair[]) => boolean,
  maxFailures: number,
) {
  for (let failures = 1; ; failures++) {
    const broken = await drawPairs(measuring, forgiving(journal), isComplete);
    if (broken?.kind !== 'candidate-failed' || failures >= maxFailures) return broken;
  }
}

/** The same journal, but that the candidate failed is kept in it only as long as one drawing takes. */
function forgiving(journal: Journal): Journal {
  const lenient: Journal = {
    ...journal,
    failure: null,
    fail(problem) {
      lenient.failure = problem;
      return Promise.resolve();
    },
  };
  return lenient;
}
