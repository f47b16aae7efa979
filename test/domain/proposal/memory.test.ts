import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderByTurn, removedLines, triedOn, type PastIteration } from '../../../domain/proposal/memory.ts';

const spots = [
  { file: 'a.js', name: 'hot', share: 0.6 },
  { file: 'a.js', name: 'warm', share: 0.3 },
];
const failed = (target: string | null) => ({ target, outcome: 'slower' });

describe('orderByTurn', () => {
  it('stays with the hottest until three ideas on it have failed', () => {
    const two = [failed('a.js: hot'), failed(null)];
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (random) => orderByTurn(spots, two, random)[0] === spots[0],
      ),
    );
  });

  it('then draws by share, halved for each three failures, and loses no place', () => {
    const three = Array.from({ length: 3 }, () => failed('a.js: hot'));
    const draws = Array.from({ length: 1_000 }, (_, at) => orderByTurn(spots, three, at / 1_000));
    expect(draws.filter(([first]) => first === spots[1])).toHaveLength(500);
    expect(draws.every((order) => order.length === 2 && new Set(order).size === 2)).toBe(true);
  });

  it('takes nothing where there is nothing', () => expect(orderByTurn([], [failed(null)], 0.5)).toEqual([]));
});

it('tells what was tried on some code, newest first, without what the machine spoilt', () => {
  const past = (iteration: number, title: string, outcome: string, ratio: number | null = null): PastIteration => ({
    ...{ iteration, title, outcome, ratio, target: 'a.js: hot' },
  });
  const history = [
    past(1, 'Before', 'slower'),
    past(2, 'Use a map', 'committed', 0.8),
    past(3, 'Unroll', 'tests-failed'),
    { ...past(4, 'Elsewhere', 'slower'), target: 'b.js: other' },
    past(5, 'Cache', 'slower', 1.2),
    past(6, 'Lost', 'infrastructure'),
  ];
  expect(triedOn('a.js: hot', history, { better: 'lower' })).toEqual([
    '"Cache": slower, 20.0 % worse',
    '"Unroll": tests failed',
    '"Use a map": kept, 20.0 % better',
  ]);
});

it.each([
  ['of another file', 'diff --git a/b.js b/b.js\n-let removed = list.sort();', []],
  ['that are there again', 'diff --git a/a.js b/a.js\n-  let present = 1;', []],
  [
    'of two marks',
    'diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n-  }\n-let removed = list.sort();',
    ['let removed = list.sort();'],
  ],
])('reads removed lines off a log: none %s', (_, log, lines) => {
  expect(removedLines(log, 'a.js', 'x\nlet present = 1;\n')).toEqual(lines);
});
