import { describe, expect, it } from 'vitest';
import type { IterationEvent, StepEvent } from '../../../client/loops/events.ts';
import { doingText, drawEvent, stepText } from '../../../client/terminal/draw-event.ts';

describe('the line of the step under way', () => {
  const step: StepEvent = {
    type: 'step',
    iteration: 3,
    iterations: 12,
    step: 'benchmark',
    title: 'Set BLOCK\nto 64',
    doing: null,
    repairOf: null,
    hostLost: null,
  };

  it.each<[string, Partial<StepEvent>]>([
    [' 3/12  benchmark: Set BLOCK to 64', {}],
    [' 3/12  collect', { step: 'collect', title: null }],
    [
      ' 3/12  collect: Set BLOCK to 64; host lost: started again on b (no worker took test from a for 60 s)',
      { step: 'collect', hostLost: 'host lost: started again on b (no worker took test from a for 60 s)' },
    ],
    [
      ' 3/12  hypothesize, repair after tests-failed: Set BLOCK to 64',
      { step: 'hypothesize', repairOf: 'tests-failed' },
    ],
    [' 3/12  running', { step: 'running', title: null }],
    ['preparing: tests, run 2 of 3', { step: 'preparing', doing: 'tests, run 2 of 3' }],
    ['preparing: base, setup, tests, benchmark', { step: 'preparing', iteration: 0 }],
    ['stopping: base against champion, measured afresh', { step: 'stopping' }],
  ])('is "%s"', (line, part) => expect(stepText({ ...step, ...part })).toBe(line));

  it('is followed by what an iteration does now, without what a terminal would obey', () => {
    expect(doingText({ ...step, doing: 'pair 7\u001b[2J' })).toBe('pair 7');
    expect(doingText({ ...step, step: 'preparing', doing: 'tests' })).toBeNull();
  });
});

it.each<[string, string, Partial<IterationEvent>]>([
  [' 3/12  committed: 12.3 % better, Set BLOCK to 64', 'good', { measured: '12.3 % better' }],
  [
    ' 3/12  rolledBack: slower, 2.0 % worse, Set BLOCK to 64',
    'plain',
    { outcome: 'rolledBack', reason: 'slower', measured: '2.0 % worse' },
  ],
  [
    ' 3/12  failed: no-hypothesis: gave no answer',
    'bad',
    { outcome: 'failed', reason: 'no-hypothesis', title: '', detail: 'gave no answer' },
  ],
])('an iteration that has ended is "%s", in its tone', (text, tone, part) => {
  const drawn: unknown[] = [];
  const progress = {
    line: (...args: unknown[]) => void drawn.push(args),
    step: () => undefined,
    clear: () => undefined,
  };
  const facts = { iteration: 3, iterations: 12, outcome: 'committed', reason: null, title: 'Set BLOCK to 64' } as const;
  drawEvent(progress, { type: 'iteration', ...facts, detail: null, measured: null, ...part });
  expect(drawn).toEqual([[text, tone]]);
});
