import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bits } from './src/bits.mjs';
import { parse } from './src/csv.mjs';
import { distance } from './src/distance.mjs';
import { find } from './src/find.mjs';
import { multiply } from './src/matrix.mjs';
import { moving } from './src/moving.mjs';
import { primes } from './src/primes.mjs';
import { slug } from './src/slug.mjs';
import { unique } from './src/unique.mjs';
import { words } from './src/words.mjs';

test('bits', () => assert.equal(bits([0, 1, 255, -1]), 41));
test('csv', () =>
  assert.deepEqual(parse('a,"b,c",d\n,x'), [
    ['a', 'b,c', 'd'],
    ['', 'x'],
  ]));
test('distance', () => assert.equal(distance('kitten', 'sitting'), 3));
test('find', () => assert.deepEqual(find([1, 3, 3, 7], [0, 3, 4, 9]), [0, 1, 3, 4]));
test('matrix', () =>
  assert.deepEqual(
    multiply(
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ),
    [
      [19, 22],
      [43, 50],
    ],
  ));
test('moving', () => assert.deepEqual(moving([1, 2, 3, 6], 2), [1.5, 2.5, 4.5]));
test('primes', () => assert.deepEqual(primes(20), [2, 3, 5, 7, 11, 13, 17, 19]));
test('slug', () => assert.equal(slug(' Héllo,  World! 2'), 'hello-world-2'));
test('unique', () => assert.deepEqual(unique([3, 1, 3, 2, 1]), [3, 1, 2]));
test('words', () =>
  assert.deepEqual(words('b a, A-b c'), [
    ['a', 2],
    ['b', 2],
    ['c', 1],
  ]));
