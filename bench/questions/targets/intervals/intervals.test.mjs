import assert from 'node:assert/strict';
import test from 'node:test';
import { mergeIntervals } from './intervals.mjs';

test('joins what overlaps or touches', () => {
  assert.deepEqual(
    mergeIntervals([
      [1, 4],
      [3, 6],
      [6, 8],
      [10, 12],
    ]),
    [
      [1, 8],
      [10, 12],
    ],
  );
});

test('takes them in any order, one inside another too', () => {
  assert.deepEqual(
    mergeIntervals([
      [20, 30],
      [1, 9],
      [2, 3],
      [8, 9],
    ]),
    [
      [1, 9],
      [20, 30],
    ],
  );
});

test('leaves its input alone', () => {
  const input = [
    [5, 6],
    [1, 5],
  ];
  assert.deepEqual(mergeIntervals(input), [[1, 6]]);
  assert.deepEqual(input, [
    [5, 6],
    [1, 5],
  ]);
});

test('takes none and one', () => {
  assert.deepEqual(mergeIntervals([]), []);
  assert.deepEqual(mergeIntervals([[2, 2]]), [[2, 2]]);
});
