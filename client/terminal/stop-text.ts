import type { LoopStatus, StopReason } from '../../workflows/messages.ts';

const helps = 'a larger model, more to edit, or a hint would help';

/** Says in a sentence why a loop ended, and what would let it go further. */
export function stopText({ stop, iterations, stagnation, consecutiveFailures, last }: LoopStatus): string {
  const cause = last?.detail ? `; the last one: ${last.detail}` : '';
  const sentences: Record<StopReason, string> = {
    iterations: `all ${iterations} iterations are done`,
    hours: 'the working time of budget.hours is used up',
    'model hours': "the model's time of budget.modelHours is used up",
    'benchmark hours': "the benchmark's time of budget.benchmarkHours is used up",
    tokens: 'the tokens of budget.tokens are used up',
    'consecutive failures': `${consecutiveFailures} iterations in a row failed (budget.consecutiveFailures)${cause}`,
    stagnation: `${stagnation} iterations in a row brought nothing new to measure (budget.stagnation); ${helps}${cause}`,
    'nothing left to gain': 'the metric is at 0, and nothing is left to gain',
    'nothing left to try': `the source has nothing left to try${cause}`,
    'lasting fault': 'a fault that will not pass by itself',
    'stop request': 'it was asked to stop',
    cancelled: 'it was cancelled',
  };
  return stop === null ? 'it is done' : sentences[stop];
}

/** Tells that no iteration came as far as a measurement or a test, and that nobody stopped the loop: nothing was tried. */
export function isFruitless({ stop, committed, rolledBack, failed }: LoopStatus): boolean {
  return failed > 0 && committed + rolledBack === 0 && stop !== 'stop request' && stop !== 'cancelled';
}
