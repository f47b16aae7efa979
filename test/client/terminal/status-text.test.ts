import { describe, expect, it } from 'vitest';
import { renderStep } from '../../../client/terminal/status-text.ts';
import type { IterationStatus } from '../../../workflows/messages.ts';

describe('the line of the step under way', () => {
  const loop = { iteration: 3, iterations: 12, phase: 'running' } as const;
  const step: IterationStatus = {
    iteration: 3,
    state: 'benchmark',
    title: 'Set BLOCK\nto 64',
    attempt: 0,
    hostLost: null,
  };

  it.each<[string, IterationStatus | null]>([
    [' 3/12  benchmark: Set BLOCK to 64', step],
    [' 3/12  collect', { ...step, state: 'collect', title: null }],
    [
      ' 3/12  collect: Set BLOCK to 64; host lost: started again on b (no worker took test from a for 60 s)',
      { ...step, state: 'collect', hostLost: 'host lost: started again on b (no worker took test from a for 60 s)' },
    ],
    [' 3/12  running', null],
  ])('is "%s"', (line, found) => expect(renderStep(loop, found)).toBe(line));
});
