import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { busiest } from '../src/rushhour.mjs';

const minute = '2024-05-01T13:07';
const request = (page, at = minute) => `${at}:00 GET ${page} 200`;
const log = (...lines) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

test('an empty log has no minutes', () => {
  assert.deepEqual(busiest(Buffer.alloc(0), 10), []);
  assert.deepEqual(busiest(log('', '', ''), 10), []);
});

test('one request is one page of one minute', () => {
  assert.deepEqual(busiest(log(request('/a')), 10), [{ minute, pages: [{ page: '/a', requests: 1 }] }]);
});

test('the last line counts without a line end', () => {
  assert.deepEqual(busiest(Buffer.from(request('/a')), 10), [{ minute, pages: [{ page: '/a', requests: 1 }] }]);
});

test('pages come by requests, then by name, and at most as many as asked for', () => {
  const lines = ['/c', '/b', '/b', '/d', '/a', '/e', '/e', '/e'].map((page) => request(page));
  const pages = [
    ['/e', 3],
    ['/b', 2],
    ['/a', 1],
    ['/c', 1],
    ['/d', 1],
  ].map(([page, requests]) => ({ page, requests }));
  for (let count = 0; count <= 6; count++)
    assert.deepEqual(busiest(log(...lines), count), [{ minute, pages: pages.slice(0, count) }]);
});

test('names are ordered by code unit, case and digits included', () => {
  const names = ['/a10', '/a9', '/A', '/a', '/ä', '/', '/z', '/a/', '/\u{1f600}', '/\uffee'];
  const [{ pages }] = busiest(log(...names.map((name) => request(name))), 20);
  assert.deepEqual(
    pages.map(({ page }) => page),
    [...names].sort(),
  );
});

test('minutes come in order of first appearance and are counted apart', () => {
  const [late, early] = ['2024-05-01T23:59', '2024-05-01T00:00'];
  const result = busiest(log(request('/a', late), request('/b', early), request('/b', late), request('/b', late)), 10);
  assert.deepEqual(result, [
    {
      minute: late,
      pages: [
        { page: '/b', requests: 2 },
        { page: '/a', requests: 1 },
      ],
    },
    { minute: early, pages: [{ page: '/b', requests: 1 }] },
  ]);
});

test('lines of another form are skipped', () => {
  const others = [
    '',
    ' ',
    'x',
    minute,
    `${minute}:00`,
    `${minute}:00 `,
    `${minute}:00 GET`,
    `${minute}:00 GET `,
    `${minute}:00 GET /a`,
    `${minute}:00 GET  200`,
    `2024-5-1T13:07:00 GET /a 200`,
    `   ${request('/a')}`,
  ];
  assert.deepEqual(busiest(log(...others), 10), []);
  assert.deepEqual(busiest(log(...others, request('/b'), ...others), 10), [
    { minute, pages: [{ page: '/b', requests: 1 }] },
  ]);
});

test('page names that are special in JavaScript are counted like others', () => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'null', 'undefined', '0', '-1', 'NaN'];
  const [{ pages }] = busiest(log(...names.flatMap((name) => [request(name), request(name)])), 20);
  assert.deepEqual(
    pages,
    [...names].sort().map((page) => ({ page, requests: 2 })),
  );
});

test('text outside ASCII survives wherever it stands in the log', () => {
  for (let shift = 0; shift < 9; shift++) {
    const names = Array.from({ length: 400 }, (_, index) => `/${'x'.repeat(shift)}ä€\u{1f680}${index % 40}`);
    agree(log(...names.map((name) => request(name))), 50);
  }
});

test('names of equal length that differ in one place are told apart', () => {
  const names = Array.from(
    { length: 26 * 26 },
    (_, index) =>
      `/page-${String.fromCharCode(97 + (index % 26))}-and-${String.fromCharCode(97 + Math.floor(index / 26))}`,
  );
  agree(log(...names, ...names.map((name) => request(name)), ...names.slice(100).map((name) => request(name))), 1000);
});

test('long names and lines longer than a block are kept whole', () => {
  agree(
    log(
      request(`/${'a'.repeat(50_000)}`),
      request('/b'),
      request(`/${'a'.repeat(49_999)}`),
      request(`/${'a'.repeat(50_000)}`),
    ),
    10,
  );
});

test('a plain count by Map and Array.sort agrees on random logs of many sizes', () => {
  const random = createRandom(7);
  for (const size of [2, 3, 5, 17, 64, 255, 256, 257, 400, 1000, 3001]) {
    for (const pages of [1, 7, size, 10 * size]) {
      const lines = Array.from({ length: size }, () =>
        request(`/${Math.floor(random() ** 2 * pages)}`, `2024-05-01T13:0${Math.floor(random() * 3)}`),
      );
      agree(log(...lines), 1 + Math.floor(random() * 20));
      agree(log(...lines), size);
    }
  }
});

test('sorted, reversed and equal counts come out in the same order', () => {
  const names = Array.from({ length: 700 }, (_, index) => `/${String(index).padStart(4, '0')}`);
  agree(log(...names.map((name) => request(name))), 700);
  agree(log(...[...names].reverse().map((name) => request(name))), 700);
  agree(log(...names.flatMap((name, index) => Array.from({ length: 1 + (index % 5) }, () => request(name)))), 700);
});

test('a call neither changes the log nor remembers an earlier one', () => {
  const bytes = log(request('/a'), request('/a'), request('/b'));
  const copy = Buffer.from(bytes);
  const first = busiest(bytes, 10);
  assert.deepEqual(bytes, copy);
  first[0].pages.length = 0;
  assert.deepEqual(busiest(bytes, 10), plain(bytes, 10));
  bytes.write('/c', bytes.indexOf('/b'));
  assert.deepEqual(busiest(bytes, 10), plain(bytes, 10));
});

test('the program prints the three busiest pages of each minute', () => {
  const input = log(...['/a', '/b', '/b', '/c', '/d'].map((page) => request(page)));
  const program = fileURLToPath(new URL('../rushhour.mjs', import.meta.url));
  assert.equal(execFileSync(process.execPath, [program], { input, encoding: 'utf8' }), `${minute}  /b 2  /a 1  /c 1\n`);
});

function agree(bytes, count) {
  assert.deepEqual(busiest(bytes, count), plain(bytes, count));
}

/** The same in the plainest way. */
function plain(bytes, count) {
  const minutes = new Map();
  for (const line of bytes.toString('utf8').split('\n')) {
    const match = /^(\S{16})\S{3} \S+ (\S+) /.exec(line);
    if (!match) continue;
    const pages = minutes.get(match[1]) ?? new Map();
    minutes.set(match[1], pages.set(match[2], (pages.get(match[2]) ?? 0) + 1));
  }
  return [...minutes].map(([at, pages]) => ({
    minute: at,
    pages: [...pages]
      .map(([page, requests]) => ({ page, requests }))
      .sort((a, b) => b.requests - a.requests || (a.page < b.page ? -1 : 1))
      .slice(0, count),
  }));
}

function createRandom(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
