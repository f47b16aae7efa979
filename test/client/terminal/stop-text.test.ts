import { expect, it } from 'vitest';
import { isFruitless, stopText } from '../../../client/terminal/stop-text.ts';
import { restoreState, statusOf } from '../../../workflows/loop-state.ts';
import type { LoopStatus } from '../../../workflows/messages.ts';

const status = (part: Partial<LoopStatus>): LoopStatus => ({ ...statusOf(restoreState('loop', {})), ...part });
const last = { iteration: 3, outcome: 'failed', reason: 'no-hypothesis', title: '', detail: 'answer: none' } as const;

it.each<[Partial<LoopStatus>, string | RegExp]>([
  [{ stop: 'iterations', iterations: 50 }, 'all 50 iterations are done'],
  [{ stop: 'hours' }, 'the working time of budget.hours is used up'],
  [
    { stop: 'stagnation', stagnation: 10, last: { ...last, measured: null, reportedRatio: null } },
    /^10 iterations in a row brought nothing new .*\(budget\.stagnation\); .* would help; the last one: answer: none$/,
  ],
  [{ stop: 'consecutive failures', consecutiveFailures: 20 }, /^20 iterations in a row failed/],
  [{ stop: null }, 'it is done'],
])('the end of a loop is a sentence: %j', (part, text) => {
  expect(stopText(status(part))).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
});

it('A loop in which every iteration failed has tried nothing, unless somebody stopped it.', () => {
  expect(isFruitless(status({ stop: 'stagnation', failed: 10 }))).toBe(true);
  expect(isFruitless(status({ stop: 'iterations', failed: 9, rolledBack: 1 }))).toBe(false);
  expect(isFruitless(status({ stop: 'stop request', failed: 1 }))).toBe(false);
  expect(isFruitless(status({ stop: 'iterations' }))).toBe(false);
});
