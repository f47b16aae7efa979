import { describe, expect, it } from 'vitest';
import { mayHoldTests, testsProblem } from '../../../domain/source/tests.ts';

const test = (text: string, line = 1) => ({ text, line });

describe('tests of the base in a file', () => {
  const base = [test('a', 3), test('b', 5), test('b', 7)];

  it.each([
    ['one fewer', [test('a'), test('b')], 'line 7 of the base is changed or gone'],
    ['one weaker', [test('A'), test('b'), test('b')], 'line 3 of the base is changed or gone'],
    [
      'one more, which could take the place of another',
      [...base, test('c', 9)],
      'added to those of the base in line 9',
    ],
    ['no syntax', null, 'cannot be parsed'],
  ])('are compared with %s', (_, now, problem) => {
    expect(testsProblem('src/a.py', base, now)).toContain(problem);
  });

  it('may change their order', () => {
    expect(testsProblem('src/a.py', base, [test('b'), test('a'), test('b')])).toBeNull();
  });

  it('forbid none where there were none', () => {
    expect(testsProblem('src/a.py', [], base)).toBeNull();
    expect(testsProblem('src/a.py', [], null)).toBeNull();
  });
});

it.each(['>>> 1', 'class A(TestCase):', 'if (import.meta.vitest)', '#[cfg(test)]', '#![cfg(test)]', '/// ```'])(
  'a text with %s may hold tests',
  (text) => {
    expect(mayHoldTests(text)).toBe(true);
    expect(mayHoldTests('fn add() { a >> 1 }')).toBe(false);
  },
);
