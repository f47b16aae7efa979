import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance } from '../src/distance.mjs';
import { frequency } from '../src/frequency.mjs';
import { report } from '../src/report.mjs';
import { tokens } from '../src/tokens.mjs';
import { top } from '../src/top.mjs';

test('a text is split into lower-case words', () => {
  assert.deepEqual(tokens("The cat's hat,\nthe END"), ['the', "cat's", 'hat', 'the', 'end']);
});
test('an empty text has no words', () => {
  assert.deepEqual(tokens(''), []);
});
test('words are counted in order of first occurrence', () => {
  assert.deepEqual(frequency(['b', 'a', 'b']), [
    { word: 'b', count: 2 },
    { word: 'a', count: 1 },
  ]);
});
test('the highest counts come first', () => {
  const entries = [
    { word: 'a', count: 1 },
    { word: 'b', count: 3 },
    { word: 'c', count: 2 },
  ];
  assert.deepEqual(
    top(entries, 2).map(({ word }) => word),
    ['b', 'c'],
  );
});
test('the distance of equal words is 0', () => {
  assert.equal(distance('same', 'same'), 0);
});
test('one replacement is one edit', () => {
  assert.equal(distance('cat', 'hat'), 1);
});
test('a report names the nearest word', () => {
  assert.deepEqual(report('cat hat cat zebra'), [
    { word: 'cat', count: 2, nearest: 'hat' },
    { word: 'hat', count: 1, nearest: 'cat' },
    { word: 'zebra', count: 1, nearest: 'cat' },
  ]);
});
test('a text of one word has no neighbour', () => {
  assert.deepEqual(report('alone'), [{ word: 'alone', count: 1, nearest: null }]);
});
