import assert from 'node:assert/strict';
import { test } from 'node:test';

/** Neighbours in a list, as pairs. */
export function pairs(list) {
  return list.slice(1).map((one, index) => [list[index], one]);
}

if (process.env.NODE_TEST_CONTEXT)
  test('three make two pairs', () =>
    assert.deepEqual(pairs([1, 2, 3]), [
      [1, 2],
      [2, 3],
    ]));
