import { headToHeadOf, headToHeadPairs, type HeadToHeadRecord } from '../../domain/verdict/head-to-head.ts';
import { termsOf } from '../../domain/config/plan.ts';
import { toLine } from '../../domain/text.ts';
import { drawFreshPairs } from './commit-pairs.ts';
import { loopPaths } from '../../store/layout.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Both sides passed all that a candidate has to pass, so that a failure is more likely the machine's than theirs. */
const maxFailures = 3;

/**
 * Measures the base against the final champion in fresh pairs. A journal keeps them: nothing is measured twice.
 * @returns a problem instead of samples, if a side keeps failing
 */
export async function measureHeadToHead(context: StepContext, champion: string): Promise<HeadToHeadRecord> {
  const { loop } = context;
  const { baseSha: base, config } = loop.plan;
  const { noise, unit } = config.benchmark;
  const sides = { champion: base, candidate: champion };
  const journal = await drawFreshPairs(context, sides, {
    directory: loopPaths(loop.directory).headToHead(base, champion),
    isComplete: (pairs) => pairs.length >= headToHeadPairs(noise),
    maxFailures,
  });
  if (!journal.ok) return notMeasured(loop, champion, journal.problem);
  const result = headToHeadOf(journal.pairs, { base, champion, unit }, termsOf(loop.plan, journal.startUp));
  if (!result)
    return notMeasured(loop, champion, 'benchmark.noise: is "exact", but the metric differs from pair to pair');
  return { version: 1, result, seed: journal.seed, samples: [...journal.pairs] };
}

export function notMeasured({ plan: { baseSha } }: OpenLoop, champion: string, problem: string): HeadToHeadRecord {
  return { version: 1, result: { base: baseSha, champion, problem: toLine(problem, 400) }, seed: null, samples: [] };
}
