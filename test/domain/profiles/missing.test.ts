import { describe, expect, it } from 'vitest';
import { likelyFirst, profileDoubt, type ProfileAttempt } from '../../../domain/profiles/missing.ts';

const bounds = { seconds: 45, memoryMiB: 512 };
const nothing: ProfileAttempt = { spots: [], busy: 0, outside: null, read: 0, unread: 0, problem: null };
const seen: ProfileAttempt = { ...nothing, read: 1, busy: 10, outside: { name: 'main (bench.py)', time: 8 } };
const spots = [{ file: 'a.py', name: 'f', line: 1, self: 1, total: 1, charged: 1, calls: 0 }];
const files = (path: string) => [
  { path, size: 100 },
  { path: 'notes.txt', size: 9_000 },
];

describe('without a profile', () => {
  it.each<[string, string, ProfileAttempt[], RegExp]>([
    ['Python', 'a.py', [nothing], /^profile: no Python program has left one; .*; let the command set no PYTHONPATH/],
    [
      'Node.js',
      'a.ts',
      [nothing],
      /^profile: no Node\.js program has left one; .*; let the command start "node" by its name/,
    ],
    ['Go', 'a.go', [nothing], /^profile: no Go program .* use "go test -bench"/],
    [
      'Rust',
      'a.rs',
      [nothing, { ...nothing, problem: 'perf is not there; install it' }],
      /^profile: there is none \(perf is not there; install it\); .*"profile": "callgrind"/,
    ],
    ['another language', 'a.rb', [nothing], /^profile: no other program .* collapsed stacks \(\*\.folded\)/],
    [
      'a run that failed',
      'a.py',
      [{ ...nothing, problem: 'benchmark: ended with exit code 1\nTraceback' }],
      /^profile: there is none \(benchmark: ended with exit code 1\); /,
    ],
    [
      'a profile of other code',
      'a.py',
      [seen, nothing],
      /^profile: none of its time is in files that may be edited \(most of it: main \(bench\.py\), 80\.0 %\); let the benchmark call that code more often; or/,
    ],
    [
      'a profile of other code, by perf alone',
      'a.py',
      [nothing, seen],
      /^profile: none of its time is in files that may be edited .*; for Python code: let the command set no PYTHONPATH/,
    ],
  ])('says what would bring one: %s', (_, path, attempts, message) => {
    expect(profileDoubt(attempts, files(path), { isTold: true, bounds })).toMatch(message);
  });

  it('tells nothing that a program chose where tests are held out', () => {
    expect(profileDoubt([seen], files('a.py'), { isTold: false, bounds })).not.toContain('main');
  });

  it.each<[string, ProfileAttempt[], RegExp | null]>([
    ['a good one', [nothing, { ...nothing, spots }], null],
    ['none asked for', [], null],
    [
      'one of two',
      [{ ...nothing, spots, unread: 1 }],
      /^profile: 1 of the champion's cannot be read; the loop goes on without/,
    ],
    [
      'one that takes too long',
      [{ ...nothing, unread: null }],
      /^profile: the champion's cannot be read within 45 s and 512 MiB/,
    ],
  ])('doubts what cannot be read alone: %s', (_, attempts, message) => {
    const doubt = profileDoubt(attempts, files('a.py'), { isTold: true, bounds });
    if (message) expect(doubt).toMatch(message);
    else expect(doubt).toBeNull();
  });

  it('shows first the files whose modules the benchmark names, then its packages, then the largest', () => {
    const all = [
      { path: 'src/words/keywords.py', size: 900 },
      { path: 'src/words/lexer.py', size: 20 },
      { path: 'src/other/huge.py', size: 5_000 },
      { path: 'src/other/small.py', size: 5 },
    ];
    const texts = ['python3 bench.py', 'from words.lexer import Lexer\n'];
    expect(likelyFirst(all, texts).map(({ path }) => path.split('/').at(-1))).toEqual([
      'lexer.py',
      'keywords.py',
      'huge.py',
      'small.py',
    ]);
  });
});
