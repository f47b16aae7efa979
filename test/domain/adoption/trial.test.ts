import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryProblem, outcomesProblem } from '../../../domain/adoption/trial.ts';

const reasons = ['slower', 'below-bar', 'tests-failed', 'duplicate', null] as const;
const nothing = fc.constantFrom('edit-refused' as const, 'no-hypothesis' as const);

describe('a build on trial', () => {
  it('may need twice the memory of the worker before it, and 256 MiB more', () => {
    expect(memoryProblem(200, 656)).toBeNull();
    expect(memoryProblem(200, 700)).toBe('its worker needs 700 MiB, where the one before needed 200');
  });

  it('fails where all its iterations came to no edit, and few before it did', () => {
    const before = ['slower', 'edit-refused', ...Array<'below-bar'>(8).fill('below-bar')] as const;
    expect(outcomesProblem(before, ['edit-refused', 'edit-refused', 'no-hypothesis'])).toBe(
      'all 3 iterations on it came to no edit, where 1 of 10 before it did',
    );
    expect(outcomesProblem(before, ['edit-refused', 'edit-refused'])).toBeNull();
    expect(outcomesProblem(['slower'], ['edit-refused', 'edit-refused', 'edit-refused'])).toBeNull();
    expect(outcomesProblem([], Array<'edit-refused'>(7).fill('edit-refused'))).toMatch(/^all 7 iterations/);
  });

  it('never fails where one iteration came to an edit, or where each iteration before it came to none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...reasons)),
        fc.array(nothing, { maxLength: 50 }),
        fc.constantFrom(...reasons),
        (before, during, good) => {
          expect(outcomesProblem(before, [...during, good])).toBeNull();
          // A model that places nothing at all is not the build's fault.
          if (during.length >= 20) expect(outcomesProblem(during, during.slice(0, 4))).toBeNull();
        },
      ),
    );
  });
});
