import assert from 'node:assert/strict';
import test from 'node:test';
import { topWords } from './words.mjs';

test('puts the most frequent words first', () => {
  assert.deepEqual(topWords('a b b c c c', 2), ['c', 'b']);
});

test('orders equal counts by the alphabet', () => {
  assert.deepEqual(topWords('pear fig apple fig pear kiwi', 4), ['fig', 'pear', 'apple', 'kiwi']);
});

test('ignores case, punctuation and empty parts', () => {
  assert.deepEqual(topWords('The cat.  the CAT! (dog) -- 12', 5), ['cat', 'the', 'dog']);
});

test('returns fewer where there are fewer', () => {
  assert.deepEqual(topWords('one two one', 9), ['one', 'two']);
  assert.deepEqual(topWords('', 3), []);
});
