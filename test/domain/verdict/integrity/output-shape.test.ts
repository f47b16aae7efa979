import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputShape, watchShapes } from '../../../../domain/verdict/integrity/output-shape.ts';

/** What the watch says of pairs of outputs, and after how many. */
function judge(noise: 'measured' | 'exact', pairs: readonly (readonly [champion: string, candidate: string])[]) {
  const watch = watchShapes(noise);
  for (const [index, [champion, candidate]] of pairs.entries()) {
    const problem = watch({ champion: outputShape(champion), candidate: outputShape(candidate) });
    if (problem !== null) return { problem, after: index + 1 };
  }
  return null;
}
const always = (champion: string, candidate: string) =>
  judge(
    'measured',
    Array.from({ length: 60 }, () => [champion, candidate] as const),
  );

it('keeps few of very many lines, and sees repeats and words in all of them', () => {
  const wordOf = (index: number) => `w${index.toString(2).replaceAll('0', 'x').replaceAll('1', 'y')}`;
  const { lines, words } = outputShape([...Array.from({ length: 5_000 }, (_, at) => wordOf(at)), wordOf(0)].join('\n'));
  expect(lines.size).toBeLessThan(2_000);
  expect(lines.has(wordOf(0))).toBe(false);
  expect(words.has(wordOf(4_999))).toBe(true);
});

it('says nothing of an output that is too long to be read', () => {
  expect(always('speed 1', 'slow\n'.repeat(500_000))).toBeNull();
});

const word = fc.stringMatching(/^[g-lo-r]{3,8}$/);
const number = fc.oneof(
  fc.double({ min: 0.001, max: 1e9, noNaN: true }).map((value) => value.toPrecision(4)),
  fc.integer({ min: -999, max: 9_999_999 }).map((value) => value.toLocaleString('en')),
  fc.constantFrom('NaN', 'Infinity', '-0', '1e-9', '±3.5', '12:30:01', '~7'),
);
const unit = fc.constantFrom(
  'ns',
  'µs',
  'us',
  'ms',
  's',
  'B',
  'KiB',
  'MB',
  'ops/s',
  'MB/s',
  'ns/iter',
  '%',
  'runs',
  '',
);
const checksum = fc.oneof(fc.stringMatching(/^[0-9a-f]{8}$/), fc.stringMatching(/^[a-f]{4,12}$/), fc.uuid());
const colour = fc.constantFrom('\u001b[32m', '\u001b[1;31m', '\u001b[0m', '\u001b[2K\u001b[1G', '');
const blank = fc.stringMatching(/^ {1,6}$/);

/** A line of the benchmark's, and ways in which one run may print it. */
const line = fc
  .record({
    words: fc.array(word, { minLength: 1, maxLength: 4 }),
    kind: fc.constantFrom('time', 'checksum', 'progress'),
  })
  .map(({ words, kind }) => {
    const printed = fc
      .record({ number, unit, checksum, colour, blank, repeats: fc.integer({ min: 2, max: 5 }) })
      .map((run) => {
        const head = `${run.colour}${words.join(run.blank)}:${run.blank}`;
        if (kind === 'checksum') return `${head}${run.checksum}`;
        if (kind === 'time') return `${head}${run.number}${run.blank}${run.unit}`;
        return Array.from({ length: run.repeats }, (_, index) => `${head}${index} of 100 %`).join('\r');
      });
    return { words, printed };
  });
const lines = fc.array(line, { minLength: 1, maxLength: 6 });
const runOf = (all: readonly { printed: fc.Arbitrary<string> }[]) =>
  fc.tuple(...all.map(({ printed }) => printed)).map((printed) => printed.join('\n'));

describe('outputs of one benchmark', () => {
  it('have one form, whatever the speed makes of numbers, units, checksums, colours, blanks and progress', () => {
    const runs = lines.chain((all) => fc.array(fc.tuple(runOf(all), runOf(all)), { minLength: 60, maxLength: 60 }));
    fc.assert(
      fc.property(runs, (pairs) => {
        expect(judge('measured', pairs)).toBeNull();
        expect(judge('exact', pairs.slice(0, 2))).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('have another form as soon as one side has a line of its own in every pair', () => {
    const cases = lines.chain((all) =>
      fc.tuple(runOf(all), runOf(all), fc.stringMatching(/^[t-z]{3,8}$/), fc.boolean()),
    );
    fc.assert(
      fc.property(cases, ([champion, candidate, own, isCandidate]) => {
        const more = (printed: string) => `${printed}\n${own} 12`;
        const found = isCandidate ? always(champion, more(candidate)) : always(more(champion), candidate);
        expect(found?.after).toBe(5);
        expect(found?.problem).toContain(`${own} 12`);
      }),
    );
  });

  it('may have lines that come by chance, on either side', () => {
    const warned = (isWarned: boolean) => `METRIC ms=5\n${isWarned ? 'Found outliers among the measurements' : ''}`;
    const pairs = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 6, maxLength: 40 }).map((half) =>
      // Each pair also the other way round: none of the sides has more of them.
      half.flatMap(([one, other]) => [[warned(one), warned(other)] as const, [warned(other), warned(one)] as const]),
    );
    fc.assert(
      fc.property(pairs, (all) => {
        expect(judge('measured', all)).toBeNull();
      }),
    );
  });

  it.each([
    ['a unit that scales', 'parse: 1.24 ms\nrate: 3 MB/s', 'parse: 850.00 µs\nrate: 1.2 GB/s'],
    [
      'a unit in a field of its own',
      '{"name": "parse", "time": 1.2, "unit": "ms"}',
      '{"name": "parse", "time": 900, "unit": "us"}',
    ],
    [
      'a unit in the head of a column',
      '| case | time (ms) |\n| parse | 1.2 |',
      '| case | time (us) |\n| parse | 850 |',
    ],
    ['a plural', 'parse took 2 seconds in 12 runs', 'parse took 1 second in 1 run'],
    [
      'another ranking',
      '1. alpha 5 ms\n2. beta 7 ms\nFastest is alpha',
      '1. beta 3 ms\n2. alpha 5 ms\nFastest is beta',
    ],
    ['fewer lines of progress', 'step 1 done\nstep 2 done\nstep 3 done\nCHECK 7', 'step 1 done\nstep 3 done\nCHECK 7'],
    ['no lines of progress', 'working\nworking\nCHECK 7', 'CHECK 7'],
    ['a checksum in letters alone', 'CHECK fadebead', 'CHECK 1f2e3d4c'],
    ['colours and padding', '\u001b[32mtotal\u001b[0m    12.5 ms', 'total 3 ms'],
    ['ends of lines', 'one\r\ntwo\r\n', 'one\ntwo'],
    ['a number that is none', 'spread: NaN %', 'spread: 0.3 %'],
    ['a table of files', '  300 src/one.mjs\n  300 total', '  120 src/one.mjs\n  90 src/two.mjs\n  210 total'],
  ])('do not differ by %s', (_, champion, candidate) => {
    expect(always(champion, candidate)).toBeNull();
  });

  it.each([
    ['a line more', 'METRIC ms=5', 'begun at true\nMETRIC ms=5', 'nothing of the kind', '"begun at true"'],
    ['a line less', 'METRIC ms=5\nverified 12 results', 'METRIC ms=5', '"verified 12 results"', 'nothing of the kind'],
    ['other words', 'sorted: 5 ms', 'skipped: 5 ms', '"sorted: 5 ms"', '"skipped: 5 ms"'],
  ])('differ by %s, and both lines are told', (_, champion, candidate, expected, got) => {
    expect(always(champion, candidate)?.problem).toBe(
      `benchmark: the output's form differs from the champion's: the champion printed ${expected}, the candidate ${got}; leave what the benchmark prints as it is`,
    );
  });

  it('are believed of an exact metric after two pairs', () => {
    expect(judge('exact', [['METRIC 5', 'METRIC 5\nx']])).toBeNull();
    expect(
      judge('exact', [
        ['METRIC 5', 'METRIC 5\nxy'],
        ['METRIC 5', 'METRIC 5\nxy'],
      ])?.after,
    ).toBe(2);
  });

  it('differ also where a program leaves a line out in most of its runs only', () => {
    const pairs = Array.from({ length: 20 }, (_, index) => ['a line', index % 3 === 0 ? 'a line' : ''] as const);
    expect(judge('measured', pairs)).not.toBeNull();
  });

  it('are read in time that grows with their length alone', () => {
    for (const hostile of ['\u001b]', '\u001b[1', 'a1'.repeat(3), '- ', '\r', 'é', 'a-'])
      expect(outputShape(hostile.repeat(300_000)).lines.size).toBeLessThan(2);
  });
});
