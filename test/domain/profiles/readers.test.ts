import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCallgrind } from '../../../domain/profiles/callgrind.ts';
import { addCollapsed } from '../../../domain/profiles/collapsed.ts';
import { addCpuProfile } from '../../../domain/profiles/cpu-profile.ts';
import { addCProfile } from '../../../domain/profiles/c-profile.ts';
import { createLocate, definitionsIn } from '../../../domain/profiles/locate.ts';
import { addPerfScript } from '../../../domain/profiles/perf-script.ts';
import { addPprof } from '../../../domain/profiles/pprof.ts';
import { createTally, type Tally } from '../../../domain/profiles/tally.ts';

const isEditable = (path: string) => /^src\/[^/]+$/.test(path);

/** Shares of the busy time: name, self, total and charged, in hundredths. */
function sharesOf(add: (tally: Tally) => unknown, definitions = definitionsIn([])) {
  const tally = createTally(createLocate(isEditable, definitions));
  add(tally);
  const { spots, busy, outside } = tally.reading();
  const share = (time: number) => Math.round((100 * time) / busy);
  return {
    spots: spots.map(({ file, name, line, self, total, charged, calls }) =>
      [file, name, line, share(self), share(total), share(charged), calls].join(' '),
    ),
    outside: outside && `${outside.name} ${share(outside.time)}`,
  };
}

const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber });
const cpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', '', -1), children: [2, 4, 5] },
    { id: 2, callFrame: frame('slow', 'file:///repo/src/a.mjs', 9), children: [3, 6] },
    { id: 3, callFrame: frame('quick', 'file:///repo/src/b%20b.mjs', 0) },
    { id: 4, callFrame: frame('(idle)', '', -1) },
    { id: 5, callFrame: frame('bench', 'file:///repo/bench.mjs', 3) },
    { id: 6, callFrame: frame('sort', '', -1) },
  ],
  samples: [2, 2, 3, 4, 5, 6],
  timeDeltas: [20, 20, 20, 900, 20, 20],
};

describe('a profile of V8', () => {
  const read = (...profiles: unknown[]) =>
    sharesOf((tally) => profiles.map((profile) => addCpuProfile(tally, profile, () => null)));

  it('gives the shares of the busy time, and charges built-in code to who calls it', () => {
    expect(read(cpuProfile)).toEqual({
      spots: ['src/a.mjs slow 10 40 80 60 0', 'src/b b.mjs quick 1 20 20 20 0'],
      outside: 'bench (bench.mjs) 20',
    });
  });

  it('is added to others, and what is none is passed over', () => {
    const broken = [null, 'x', {}, { nodes: [{}, null] }, { nodes: [], samples: 'x' }];
    expect(read(cpuProfile, ...broken, cpuProfile)).toEqual(read(cpuProfile));
  });

  it('falls back to hit counts, and ends where nodes are their own parents', () => {
    const nodes = [
      { id: 1, callFrame: frame('f', 'file:///repo/src/a.mjs', 0), hitCount: 4, children: [2, 1] },
      { id: 2, callFrame: frame('g', 'file:///repo/src/a.mjs', 5), hitCount: 4, children: [1] },
    ];
    expect(read({ nodes }).spots).toEqual(['src/a.mjs f 1 50 100 50 0', 'src/a.mjs g 6 50 100 50 0']);
  });

  it('takes code outside of functions for the module', () => {
    const nodes = [{ id: 1, callFrame: { ...frame('', 'file:///repo/src/a.mjs', 0), columnNumber: 0 }, hitCount: 1 }];
    expect(read({ nodes }).spots).toEqual(['src/a.mjs <module> 1 100 100 100 0']);
  });
});

describe('a profile of cProfile', () => {
  const profile = {
    frames: [
      ['/repo/bench.py', 1, '<module>'],
      ['/repo/src/a.py', 4, 'Lexer.tokens'],
      ['/usr/lib/python3/re.py', 9, 'match'],
      ['', 0, "<method 'match' of 're.Pattern' objects>"],
      ['', 0, '<built-in method time.sleep>'],
    ],
    functions: [
      [0, 1, 10, 200],
      [1, 5, 30, 90],
      [2, 50, 10, 60],
      [3, 50, 50, 50],
      [4, 1, 100, 100],
    ],
    calls: [
      [0, 1, 90],
      [1, 2, 45],
      [0, 2, 15],
      [2, 3, 50],
      [0, 4, 100],
    ],
  };

  it('gives calls, leaves waiting out, and charges libraries to who calls them, in proportion', () => {
    expect(sharesOf((tally) => addCProfile(tally, profile))).toEqual({
      spots: ['src/a.py Lexer.tokens 4 30 90 75 5'],
      outside: '<module> (bench.py) 25',
    });
  });

  it.each([
    ['another document', [1]],
    ['negative times', { ...profile, functions: [[0, 1, -1, 1]] }],
  ])('is none: %s', (_, document) => {
    expect(addCProfile(createTally(createLocate(isEditable)), document)).toBe(false);
  });

  it('names frames that are not there, and is read', () => {
    const forged = {
      ...profile,
      functions: [...profile.functions, [9, 1, 1, 1]],
      calls: [...profile.calls, [9, 8, 7]],
    };
    expect(sharesOf((tally) => addCProfile(tally, forged)).spots).toEqual(['src/a.py Lexer.tokens 4 30 90 75 5']);
  });
});

describe('collapsed stacks', () => {
  it.each([
    ['py-spy', 'main (/repo/bench.py:3);next (src/a.py:7) 30'],
    ['rbspy', 'main - /repo/bench.rb:3;next - /repo/src/a.py:7 30'],
    ['austin', 'P1;T1;/repo/bench.py:main:3;/repo/src/a.py:next:7 30'],
  ])('name their places as %s does', (_, text) => {
    expect(sharesOf((tally) => addCollapsed(tally, `${text}\nother 10\n\nno stack\n`))).toEqual({
      spots: ['src/a.py next 7 75 75 75 0'],
      outside: 'other 25',
    });
  });

  it('are placed by the definitions of functions where they have no places', () => {
    const text = 'java/lang/Thread.run_[j];Words.count_[j];memmove 6\nWords.count 3\nlibc_start 1\n';
    const definitions = definitionsIn([
      { file: 'src/Words.java', text: 'class Words {\n  static int count(String text) {\n' },
    ]);
    expect(sharesOf((tally) => addCollapsed(tally, text), definitions).spots).toEqual([
      'src/Words.java Words.count 2 30 90 90 0',
    ]);
  });
});

describe('a profile of pprof', () => {
  const strings = [
    '',
    'samples',
    'count',
    'cpu',
    'nanoseconds',
    'words.(*Counter).Add',
    'example.org/words/src/a.go',
    'runtime.memmove',
    'runtime/memmove.s',
  ];
  const profile = {
    sampleType: [
      { type: 1, unit: 2 },
      { type: 3, unit: 4n },
    ],
    sample: [
      { locationId: [2, 1], value: [1, 10_000_000n] },
      { locationId: [1, 7], value: [3, 30_000_000] },
      { locationId: [2], value: [1, 10_000_000] },
      { locationId: [], value: [] },
    ],
    location: [
      { id: 1, line: [{ functionId: 1, line: 12 }] },
      { id: 2n, line: [{ functionId: 2, line: 3 }] },
    ],
    function: [
      { id: 1, name: 5, filename: 6, startLine: 10 },
      { id: 2, name: 7, filename: 8, startLine: 0 },
    ],
    stringTable: { strings },
  };

  it('takes the time of each stack, with paths that a build has trimmed', () => {
    expect(sharesOf((tally) => addPprof(tally, profile))).toEqual({
      spots: ['src/a.go words.(*Counter).Add 10 60 80 80 0'],
      outside: 'runtime.memmove (memmove.s) 20',
    });
  });

  it('has none where memory is profiled', () => {
    const heap = { ...profile, sampleType: [{ type: 1, unit: 2 }] };
    expect(addPprof(createTally(createLocate(isEditable)), heap)).toBe(false);
  });
});

describe('a profile of callgrind', () => {
  const text = [
    'version: 1',
    'events: Ir',
    'fl=/repo/src/a.c',
    'fn=add',
    '10 20',
    'fi=/usr/include/string.h',
    '99 10',
    'fe=/repo/src/a.c',
    '12 10',
    'cfi=./string/memcmp.S',
    'cfn=memcmp',
    'calls=7 50',
    '12 50',
    '',
    'fl=./string/memcmp.S',
    'fn=memcmp',
    '50 50',
    '',
    'fl=/repo/bench.c',
    'fn=main',
    '3 10',
    'cfi=/repo/src/a.c',
    'cfn=add',
    'calls=2 10',
    '4 90',
  ].join('\n');

  it('gives lines, calls and totals, and charges what was put in or called to the function', () => {
    expect(sharesOf((tally) => addCallgrind(tally, text))).toEqual({
      spots: ['src/a.c add 10 20 90 80 2', 'src/a.c add 12 10 0 10 0'],
      outside: 'main (bench.c) 10',
    });
  });

  it('is none without events', () => {
    expect(addCallgrind(createTally(createLocate(isEditable)), 'fn=add\n1 2')).toBe(false);
  });
});

describe('what perf script prints', () => {
  const definitions = definitionsIn([
    { file: 'src/words.rs', text: 'impl Counter {\n    pub fn add(&mut self) {}\n    fn fmt(&self) {}\n}\n' },
    {
      file: 'src/heap.c',
      text: 'static int\nread_all(void);\n\nstatic int sift(struct heap *h, int at) {\n  return sift(h, 1);\n}\n',
    },
  ]);
  const stack = (...frames: string[]) => `   1000000 \n${frames.map((one) => `\t    1f3 ${one}\n`).join('')}\n`;
  const own = '/repo/target/release/bench';

  it('is placed by the definitions of the functions of programs in the tree', () => {
    const text = [
      stack('__memcmp_avx2 (/usr/lib/libc.so.6)', `tally::words::Counter::add (${own})`, `bench::main (${own})`),
      stack(`<alloc::string::String as core::fmt::Write>::fmt (${own})`),
      stack(`sift (${own})`, `sift (${own})`),
      stack('add (/usr/lib/libother.so)'),
      'perf: warning\n',
    ].join('');
    expect(sharesOf((tally) => addPerfScript(tally, text), definitions).spots).toEqual([
      'src/words.rs tally::words::Counter::add 2 0 25 25 0',
      'src/heap.c sift 4 25 25 25 0',
    ]);
  });
});

it.each<[string, (tally: Tally, text: string) => unknown]>([
  ['callgrind', addCallgrind],
  ['collapsed stacks', addCollapsed],
  ['perf script', addPerfScript],
  ['cProfile', (tally, text) => addCProfile(tally, [text])],
])('no text breaks the reader of %s', (_, add) => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('events: Ir', 'fl=a', 'fn=b', 'cfn=c', 'calls=1 1', '1 2', 'a;b 1', ' 1', '\t1f a (b)', ''),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const tally = createTally(createLocate(isEditable));
      add(tally, lines.join('\n'));
      const { busy } = tally.reading();
      expect(Number.isFinite(busy)).toBe(true);
    }),
  );
});

it('never charges more or less than there is, whatever calls what', () => {
  const functions = fc.array(fc.record({ file: fc.constantFrom('src/a.py', 'lib/b.py', ''), self: fc.nat(100) }), {
    minLength: 1,
    maxLength: 6,
  });
  const edges = fc.array(fc.record({ from: fc.nat(5), to: fc.nat(5), time: fc.nat(100) }), { maxLength: 12 });
  fc.assert(
    fc.property(functions, edges, (all, calls) => {
      const tally = createTally(createLocate(isEditable));
      const counted = all.map(({ file, self }, line) => ({
        frame: { path: file, name: 'f', line: line + 1 },
        self,
        total: self,
        calls: 1,
      }));
      tally.addGraph(
        counted,
        calls.filter(({ from, to }) => from < all.length && to < all.length),
      );
      const { spots, busy } = tally.reading();
      const charged = spots.reduce((sum, one) => sum + one.charged, 0);
      const own = spots.reduce((sum, one) => sum + one.self, 0);
      expect(charged).toBeGreaterThanOrEqual(own - 1e-6);
      expect(charged).toBeLessThanOrEqual(busy + 1e-6);
    }),
  );
});
