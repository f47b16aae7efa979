import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import vm from 'node:vm';

const levenshtein = createRequire(import.meta.url)('../levenshtein.js');
const { get } = levenshtein;
const useCollator = { useCollator: true };

test('an empty string is as far away as the other is long', () => {
  for (const text of ['', 'a', 'ab', 'abc', 'a'.repeat(1000)]) {
    assert.equal(get('', text), text.length);
    assert.equal(get(text, ''), text.length);
    assert.equal(get('', text, useCollator), text.length);
    assert.equal(get(text, '', useCollator), text.length);
  }
});

test('a string is no distance away from itself', () => {
  for (const text of ['a', 'ab', 'aaaa', 'levenshtein', '  ', 'ä\u{1f680}', 'x'.repeat(3000)]) {
    assert.equal(get(text, text), 0);
    assert.equal(get(text, `${text.slice(0, 1)}${text.slice(1)}`), 0);
  }
});

test('one insertion, deletion or substitution is one, wherever it is', () => {
  const word = 'distance';
  for (let at = 0; at < word.length; at++) {
    assert.equal(get(word, `${word.slice(0, at)}#${word.slice(at + 1)}`), 1);
    assert.equal(get(word, word.slice(0, at) + word.slice(at + 1)), 1);
    assert.equal(get(`${word.slice(0, at)}#${word.slice(at)}`, word), 1);
  }
  assert.equal(get(word, `${word}#`), 1);
});

test('worked examples come out as in the literature', () => {
  const examples = [
    ['kitten', 'sitting', 3],
    ['saturday', 'sunday', 3],
    ['rosettacode', 'raisethysword', 8],
    ['flaw', 'lawn', 2],
    ['intention', 'execution', 5],
    ['gumbo', 'gambol', 2],
    ['ab', 'ba', 2],
    ['abc', 'cab', 2],
    ['abab', 'ab', 2],
    ['aab', 'ab', 1],
    ['aba', 'ababa', 2],
    ['aaa', 'aaaa', 1],
    ['abcdef', 'ghijkl', 6],
    ['back', 'book', 2],
  ];
  for (const [left, right, distance] of examples) {
    assert.equal(get(left, right), distance, `${left} ${right}`);
    assert.equal(get(right, left), distance, `${right} ${left}`);
  }
});

test('case, blanks and accents differ without a collator', () => {
  assert.equal(get('a', 'A'), 1);
  assert.equal(get('a b', 'ab'), 1);
  assert.equal(get('café', 'cafe'), 1);
  assert.equal(get('mikailovitch', 'Mikhaïlovitch'), 3);
  assert.equal(get('café', 'cafe\u0301'), 2);
});

test('UTF-16 code units are what is compared', () => {
  assert.equal(get('\u{1f680}', ''), 2);
  assert.equal(get('\u{1f600}', '\u{1f601}'), 1);
  assert.equal(get('\u{1f600}', '\u{1f680}'), 1);
  assert.equal(get('\u{1f680}', '\u{10000}'), 2);
  assert.equal(get('a\u{1f680}b', 'ab'), 2);
  assert.equal(get('\ud83d', '\u{1f680}'), 1);
  assert.equal(get('\uffff\u0000', '\u0000\uffff'), 2);
  assert.equal(get('因為我是中國人所以我會說中文', '因為我是英國人所以我會說英文'), 2);
  assert.equal(get('Ā', 'Ā'.normalize('NFD')), 2);
  assert.equal(get('\u0100', '\u0000'), 1);
  assert.equal(get('\u0161', 'a'), 1);
});

test('options without a collator change nothing', () => {
  for (const options of [undefined, null, {}, { useCollator: false }, { useCollator: 0 }, { other: true }])
    assert.equal(get('Kitten', 'sitting', options), 3);
});

test('a collator takes letters of the same base as equal', () => {
  assert.equal(get('a', 'A', useCollator), 0);
  assert.equal(get('café', 'CAFE', useCollator), 0);
  assert.equal(get('mikailovitch', 'Mikhaïlovitch', useCollator), 1);
  assert.equal(get('ñandú', 'NANDU', useCollator), 0);
  assert.equal(get('kitten', 'SITTING', useCollator), 3);
  assert.equal(get('abc', 'xyz', useCollator), 3);
  assert.equal(get('a-b', 'a+b', useCollator), 1);
});

test('a full matrix agrees, with and without a collator', () => {
  const random = createRandom(11);
  const { compare } = new Intl.Collator('generic', { sensitivity: 'base' });
  const alphabets = ['ab', 'abcdefgh', 'aAàÀbBß', 'aé\u{1f680}\u{1f600}中'];
  for (let round = 0; round < 1500; round++) {
    const letters = [...alphabets[round % alphabets.length]];
    const [left, right] = [makeText(random, letters, 14), makeText(random, letters, 14)];
    assert.equal(
      get(left, right),
      matrix(left, right, (a, b) => a === b),
      JSON.stringify([left, right]),
    );
    if (round % 3 === 0)
      assert.equal(
        get(left, right, useCollator),
        matrix(left, right, (a, b) => compare(a, b) === 0),
        JSON.stringify([left, right]),
      );
  }
});

test('texts that share their beginning, end or both agree with a full matrix', () => {
  const random = createRandom(12);
  for (let round = 0; round < 600; round++) {
    const [head, tail] = [makeText(random, ['a', 'b'], 40), makeText(random, ['a', 'b'], 40)];
    const left = head + makeText(random, ['a', 'b', 'c'], 6) + tail;
    const right = head + makeText(random, ['a', 'b', 'c'], 6) + tail;
    assert.equal(
      get(left, right),
      matrix(left, right, (a, b) => a === b),
      JSON.stringify([left, right]),
    );
  }
});

test('lengths round powers of two and beyond a machine word agree with a full matrix', () => {
  const random = createRandom(13);
  for (const length of [1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300]) {
    for (const other of [1, 31, 32, 33, 64, 65, 200]) {
      const [left, right] = [length, other].map((size) =>
        Array.from({ length: size }, () => 'abcd'[Math.floor(random() * 4)]).join(''),
      );
      assert.equal(
        get(left, right),
        matrix(left, right, (a, b) => a === b),
        JSON.stringify([left, right]),
      );
    }
  }
});

test('distances above 65,535 are exact', () => {
  assert.equal(get('a', 'b'.repeat(70_000)), 70_000);
  assert.equal(get('b'.repeat(70_000), 'a'), 70_000);
  assert.equal(get('xa', 'b'.repeat(70_000)), 70_000);
});

test('a call leaves nothing behind for the next', () => {
  const long = 'lorem ipsum dolor sit amet '.repeat(40);
  for (let round = 0; round < 3; round++) {
    assert.equal(get(long, 'x'), long.length);
    assert.equal(get('kitten', 'sitting'), 3);
    assert.equal(get('Ab', 'aB', useCollator), 0);
    assert.equal(get('Ab', 'aB'), 2);
    assert.equal(get('ab', long), long.length - 1);
    assert.equal(get('a', 'b'), 1);
  }
});

test('distances are symmetric and keep the triangle inequality', () => {
  const random = createRandom(14);
  for (let round = 0; round < 300; round++) {
    const [a, b, c] = [0, 1, 2].map(() => makeText(random, ['a', 'b', 'c'], 10));
    assert.equal(get(a, b), get(b, a));
    assert.ok(get(a, c) <= get(a, b) + get(b, c), JSON.stringify([a, b, c]));
  }
});

test('the module offers get alone, which needs no this', () => {
  assert.deepEqual(Object.keys(levenshtein), ['get']);
  assert.equal(levenshtein.get('kitten', 'sitting'), 3);
  assert.equal(get.call(undefined, 'kitten', 'sitting'), 3);
});

test('AMD, a web worker and a browser page get the same module', () => {
  const module = {};
  load({ define: Object.assign((factory) => (module.amd = factory()), { amd: true }) });
  const worker = { postMessage() {}, importScripts() {} };
  load({ self: worker });
  const window = {};
  load({ window });
  for (const { get: loaded } of [module.amd, worker.Levenshtein, window.Levenshtein])
    assert.equal(loaded('kitten', 'sitting'), 3);
});

test('without Intl the collator is left out', () => {
  const window = {};
  load({ window, Intl: undefined });
  assert.equal(window.Levenshtein.get('a', 'A', useCollator), 1);
  assert.equal(window.Levenshtein.get('kitten', 'sitting', useCollator), 3);
});

function load(globals) {
  vm.runInNewContext(readFileSync(new URL('../levenshtein.js', import.meta.url), 'utf8'), globals);
}

/** The definition, cell by cell. */
function matrix(left, right, isEqual) {
  const rows = Array.from({ length: left.length + 1 }, (_, row) => [row]);
  for (let column = 0; column <= right.length; column++) rows[0][column] = column;
  for (let row = 1; row <= left.length; row++) {
    for (let column = 1; column <= right.length; column++) {
      const substitution = rows[row - 1][column - 1] + (isEqual(left[row - 1], right[column - 1]) ? 0 : 1);
      rows[row][column] = Math.min(substitution, rows[row - 1][column] + 1, rows[row][column - 1] + 1);
    }
  }
  return rows[left.length][right.length];
}

function makeText(random, letters, longest) {
  return Array.from(
    { length: Math.floor(random() * (longest + 1)) },
    () => letters[Math.floor(random() * letters.length)],
  ).join('');
}

/** Numbers in [0, 1), the same for the same seed (a linear congruential generator, Numerical Recipes). */
function createRandom(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
