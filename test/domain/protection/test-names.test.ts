import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commonTests,
  failedTests,
  missingTests,
  namesAll,
  passedTests,
} from '../../../domain/protection/test-names.ts';
import { countTests } from '../../../domain/protection/test-count.ts';

/** Outputs of real runners, shortened, and the names in them. */
const outputs: [runner: string, output: string, names: string[]][] = [
  [
    'node:test, spec',
    `✔ adds (0.4ms)
▶ sums
  ✖ of nothing (1.204ms)
  ✔ of one (0.1ms)
✖ sums (2.1ms)
ℹ tests 3
ℹ pass 2
ℹ fail 1

✖ failing tests:

test at test/a.test.mjs:3:1
✖ of nothing (1.204ms)
  AssertionError [ERR_ASSERTION]: 1 == 2`,
    ['of nothing', 'sums'],
  ],
  ['node:test, dot', 'X.X\n\nFailed tests:\n\n✖ of nothing (1.2ms)\n✖ later (3.9ms) # TODO', ['of nothing']],
  [
    'TAP of node:test',
    `TAP version 13
# Subtest: sums
    # Subtest: of nothing
    not ok 1 - of nothing
      ---
      duration_ms: 1.2
      ...
    ok 2 - of one
    1..2
not ok 1 - sums
ok 2 - later # SKIP no network
not ok 3 - to do # TODO write it
1..3`,
    ['of nothing', 'sums'],
  ],
  [
    'TAP of tape',
    'TAP version 13\n# sums\nnot ok 2 should be equal\n  ---\n1..2\n# tests 2\n# pass  1\n# fail  1',
    ['should be equal'],
  ],
  [
    'mocha',
    `  sums
    ✔ of one
    1) of nothing


  1 passing (4ms)
  2 failing

  1) sums
       of nothing:

      AssertionError [ERR_ASSERTION]: 1 == 2
      at Context.<anonymous> (test/a.js:3:9)

  2) sums
       of many
         in order:
     Error: no`,
    ['sums of nothing', 'sums of many in order'],
  ],
  [
    'Jest',
    `FAIL test/a.test.js
  sums
    ✓ of one (2 ms)
    ✕ of nothing (1 ms)

  ● Console

    console.log 5

  ● sums › of nothing

    expect(received).toBe(expected)

Tests:       1 failed, 1 passed, 2 total`,
    ['sums › of nothing'],
  ],
  [
    'Jest, a file that cannot be loaded',
    'FAIL test/a.test.js\n  ● Test suite failed to run\n\n    SyntaxError\n\nTests:       0 total',
    [],
  ],
  [
    'Vitest',
    ` ❯ test/a.test.ts (2 tests | 1 failed) 12ms
   ✓ sums > of one 2ms
   × sums > of nothing 9ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  test/a.test.ts > sums > of nothing
AssertionError: expected 1 to be 2

      Tests  1 failed | 1 passed (2)`,
    ['test/a.test.ts > sums > of nothing'],
  ],
  ['AVA', '  ✔ one\n  ✘ [fail]: nothing Boom\n  ─\n\n  1 test failed', ['nothing Boom']],
  [
    'Jasmine',
    'Failures:\n1) sums of nothing\n  Message:\n    Expected 1 to be 2.\n\n2 specs, 1 failure',
    ['sums of nothing'],
  ],
  ['Bun', '✓ one [0.20ms]\n(fail) sums > of nothing [0.50ms]\n\n 1 pass\n 1 fail', ['sums > of nothing']],
  ['Deno', 'one ... ok (2ms)\nof nothing ... FAILED (4ms)\n\nFAILED | 1 passed | 1 failed (9ms)', ['of nothing']],
  [
    'pytest',
    `tests/test_a.py .F                                   [100%]

=================================== FAILURES ===================================
_________________________________ test_nothing _________________________________

    def test_nothing():
>       assert 1 == 2

=========================== short test summary info ============================
FAILED tests/test_a.py::test_nothing - assert 1 == 2
FAILED tests/test_a.py::TestSums::test_many[3-a b] - ValueError
========================= 2 failed, 1 passed in 0.05s ==========================`,
    ['tests/test_a.py::test_nothing', 'tests/test_a.py::TestSums::test_many[3-a b]'],
  ],
  [
    'pytest -v',
    'tests/test_a.py::test_one PASSED   [ 50%]\ntests/test_a.py::test_nothing FAILED   [100%]',
    ['tests/test_a.py::test_nothing'],
  ],
  [
    'pytest without a summary',
    '_____ Sums.test_many _____\n\n_____ ERROR at setup of test_e _____\n\n2 failed in 0.05s',
    ['Sums.test_many', 'test_e'],
  ],
  [
    'pytest, a file that cannot be loaded',
    'ERROR tests/test_a.py - ImportError: no\n1 error in 0.10s',
    ['tests/test_a.py'],
  ],
  [
    'unittest',
    `.FE
======================================================================
ERROR: test_many (tests.test_a.Sums.test_many)
----------------------------------------------------------------------
======================================================================
FAIL: test_nothing (tests.test_a.Sums.test_nothing) (n=1)
----------------------------------------------------------------------
Ran 3 tests in 0.001s

FAILED (failures=1, errors=1)`,
    ['test_many (tests.test_a.Sums.test_many)', 'test_nothing (tests.test_a.Sums.test_nothing) (n=1)'],
  ],
  [
    'Go',
    '--- FAIL: TestSums (0.00s)\n    --- FAIL: TestSums/of_nothing (0.00s)\n        a_test.go:9: 1\nFAIL\nFAIL\texample.org/sums\t0.003s',
    ['TestSums', 'TestSums/of_nothing'],
  ],
  ['gotestsum', '=== FAIL: sums TestSums (0.00s)\n\nDONE 2 tests, 1 failure in 0.3s', ['sums TestSums']],
  [
    'cargo',
    `running 2 tests
test sums::of_one ... ok
test sums::of_nothing ... FAILED

failures:

---- sums::of_nothing stdout ----
thread panicked

failures:
    sums::of_nothing

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out`,
    ['sums::of_nothing'],
  ],
  ['nextest', '        PASS [   0.004s] sums of_one\n        FAIL [   0.005s] sums of_nothing\n', ['sums of_nothing']],
  [
    'Maven',
    `[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.05 s <<< FAILURE! -- in org.x.SumsTest
[ERROR] org.x.SumsTest.ofNothing -- Time elapsed: 0.011 s <<< FAILURE!`,
    ['org.x.SumsTest.ofNothing'],
  ],
  ['Maven of old', 'ofNothing(org.x.SumsTest)  Time elapsed: 0.011 sec  <<< ERROR!', ['ofNothing(org.x.SumsTest)']],
  [
    'Gradle',
    'SumsTest > ofOne() PASSED\nSumsTest > ofNothing() FAILED\n    java.lang.AssertionError',
    ['SumsTest > ofNothing()'],
  ],
  [
    'PHPUnit',
    'There was 1 failure:\n\n1) Tests\\SumsTest::testNothing\nFailed asserting',
    ['Tests\\SumsTest::testNothing'],
  ],
  [
    'GoogleTest',
    '[  FAILED  ] Sums.OfNothing (1 ms)\n[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] Sums.OfNothing\n',
    ['Sums.OfNothing'],
  ],
  [
    'CTest',
    '50% tests passed, 1 tests failed out of 2\n\nThe following tests FAILED:\n\t  2 - sums (Failed)\n',
    ['sums'],
  ],
  ['RSpec', 'Failed examples:\n\nrspec ./spec/sums_spec.rb:7 # Sums of nothing\n', ['./spec/sums_spec.rb:7']],
  ['minitest', '  1) Failure:\nTestSums#test_nothing [test/a.rb:5]:\nExpected 1\n', ['TestSums#test_nothing']],
  ['ExUnit', '  1) test of nothing (SumsTest)\n     test/sums_test.exs:4\n', ['test of nothing (SumsTest)']],
  ['.NET', '  Failed Sums.OfNothing [12 ms]\n  Error Message:\n', ['Sums.OfNothing']],
];

describe('names of failed tests', () => {
  it.each(outputs)('of %s', (_runner, output, names) => {
    expect([...(failedTests(output) ?? [])].sort()).toEqual([...names].sort());
  });

  it('are the same in colours, and where lines end as on Windows', () => {
    const output = '\x1b[31m✖ of nothing \x1b[90m(1.204ms)\x1b[39m\x1b[39m\r\n';
    expect(failedTests(output)).toEqual(['of nothing']);
  });

  it.each([
    '',
    'Error: no\n    at file.mjs:3:1\n',
    '✔ adds (0.4ms)\nℹ pass 1\n',
    'ok 1 - adds\n1..1\n',
    'ERROR root: disk is slow\n',
  ])('are not known of %j', (output) => {
    expect(failedTests(output)).toBeNull();
  });

  it('are at most some tens, clean and short, whatever a program prints', () => {
    const printed = fc.array(
      fc.tuple(
        fc.constantFrom('✖ ', 'not ok 1 - ', '--- FAIL: ', '  ● ', 'FAILED a.py::'),
        fc.string({ unit: 'binary' }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(printed, (lines) => {
        const names = failedTests(lines.map((parts) => parts.join('')).join('\n')) ?? [];
        expect(names.length).toBeLessThanOrEqual(50);
        for (const name of names) {
          expect(name.length).toBeLessThanOrEqual(160);
          expect(name).not.toMatch(/[\p{Cc}\n]/u);
        }
      }),
    );
  });
});

/** Outputs of real runs, shortened: Node 20, Mocha 11, Jest 30, Vitest 3 and 4, pytest 9, Python 3.11, Go 1.26, Cargo 1.95. */
const passing: [runner: string, output: string, names: string[]][] = [
  [
    'node:test, spec',
    `✔ adds # one (0.949654ms)
▶ sums
  ✔ of one (0.269952ms)
  ﹣ skipped (0.097255ms) # SKIP
  ✔ to do (0.155852ms) # TODO
✔ sums (21.465566ms)
▶ outer
  ✔ of one (0.215982ms)
✔ outer (4.22416ms)
ℹ tests 5
ℹ pass 4
`,
    ['adds # one', 'of one', 'of one', 'outer', 'sums'],
  ],
  [
    'TAP of node:test',
    `TAP version 13
# ok 1 - printed
# Subtest: adds \\# one
ok 1 - adds \\# one
  ---
  duration_ms: 1.831898
  ...
# Subtest: sums
    # Subtest: of one
    ok 1 - of one
    # Subtest: skipped
    ok 2 - skipped # SKIP
    # Subtest: to do
    ok 3 - to do # TODO
    1..3
ok 2 - sums
1..2
# pass 2
`,
    ['adds \\# one', 'of one', 'sums'],
  ],
  [
    'mocha',
    '\n\n  ✔ total\n  sums\n    ✔ of one\n    ✓ slow (101ms)\n    - skipped\n    1) fails\n    deep\n      ✔ of one\n\n\n  4 passing (109ms)\n  1 pending\n',
    ['of one', 'of one', 'slow', 'total'],
  ],
  [
    'Jest --verbose',
    'PASS ./a.test.js\n  ✓ total (2 ms)\n  sums\n    ✓ of one\n    ○ skipped skipped\n    ✎ todo pending\n    deep\n      ✓ slow (103 ms)\n\nTests:       1 skipped, 1 todo, 3 passed, 5 total\n',
    ['of one', 'slow', 'total'],
  ],
  [
    'Vitest 3, verbose',
    ' ✓ a.test.js > sums > of one 1ms\n ✓ a.test.js > sums > slow 401ms\n ↓ a.test.js > sums > skipped\n ✓ |unit| b.test.js > total 0ms\n\n      Tests  3 passed | 1 skipped (4)\n',
    ['a.test.js > sums > of one', 'a.test.js > sums > slow', '|unit| b.test.js > total'],
  ],
  [
    'Vitest 4, verbose, in colours',
    ' \x1b[32m✓\x1b[39m \x1b[30m\x1b[45m unit \x1b[49m\x1b[39m a.test.js\x1b[2m > \x1b[22mslow\x1b[33m 401\x1b[2mms\x1b[22m\x1b[39m\n \x1b[32m✓\x1b[39m a.test.js\x1b[2m > \x1b[22mretried\x1b[32m 3\x1b[2mms\x1b[22m\x1b[39m\x1b[33m (retry x1)\x1b[39m\n',
    ['a.test.js > retried', 'unit a.test.js > slow'],
  ],
  [
    'pytest -v',
    `test_a.py::Sums::test_bad FAILED                                         [  7%]
test_a.py::Sums::test_one PASSED                                         [ 23%]
test_a.py::Sums::test_skip SKIPPED (no)                                  [ 30%]
test_a.py::test_many[a b] PASSED                                         [ 69%]
test_a.py::test_xf XFAIL                                                 [ 92%]
test_a.py::test_teardown PASSED                                          [100%]
test_a.py::test_teardown ERROR                                           [100%]
words.py::words.frequent PASSED                                          [100%]`,
    ['test_a.py::Sums::test_one', 'test_a.py::test_many[a b]', 'words.py::words.frequent'],
  ],
  [
    'pytest -rA, and under xdist',
    'PASSED test_a.py::test_many[1]\nSKIPPED [1] test_a.py:5: no\n[gw0] [ 50%] PASSED test_a.py::test_one \n',
    ['test_a.py::test_many[1]', 'test_a.py::test_one'],
  ],
  [
    'unittest -v',
    `test_bad (test_a.Sums.test_bad) ... FAIL
test_one (test_a.Sums.test_one)
Doc of one. ... ok
test_skip (test_a.Sums.test_skip) ... skipped 'no'
test_two (test_a.Sums.test_two) ... ok
test_xfail (test_a.Sums.test_xfail) ... expected failure
`,
    ['test_one (test_a.Sums.test_one)', 'test_two (test_a.Sums.test_two)'],
  ],
  [
    'go test -v',
    `=== RUN   TestAdd
hi --- PASS: TestForged (0.00s)
--- PASS: TestAdd (0.00s)
    --- PASS: TestAdd/of_one (0.00s)
--- SKIP: TestSkip (0.00s)
PASS
ok  \texample.org/sums\t0.007s
--- PASS: TestAdd (0.00s)
ok  \texample.org/sums/sub\t0.003s`,
    ['TestAdd', 'TestAdd', 'TestAdd/of_one'],
  ],
  [
    'go test -json',
    `{"Time":"2026-11-30T01:08:33.086120335Z","Action":"output","Package":"x/a","Test":"TestAdd","Output":"--- PASS: TestAdd (0.00s)\\n"}
{"Time":"2026-11-30T01:08:33.086322336Z","Action":"pass","Package":"x/a","Test":"TestAdd/of_one","Elapsed":0}
{"Time":"2026-11-30T01:08:33.086592448Z","Action":"skip","Package":"x/a","Test":"TestSkip","Elapsed":0}
{"Time":"2026-11-30T01:08:33.086758916Z","Action":"fail","Package":"x/a","Test":"TestBad","Elapsed":0}
{"Time":"2026-11-30T01:08:33.087697323Z","Action":"pass","Package":"x/a","Elapsed":0.01}`,
    ['x/a TestAdd/of_one'],
  ],
  [
    'cargo test',
    `test tests::ignored2 ... ignored, slow
test tests::panics - should panic ... ok
test tests::bad ... FAILED
test src/lib.rs - add (line 3) ... ok
test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.25s`,
    ['src/lib.rs - add', 'tests::panics - should panic'],
  ],
  [
    'nextest',
    '        PASS [   0.004s] sums of_one\n        PASS [   0.004s] (2/3) sums of_two\n        LEAK [   0.105s] sums leaks\n        FAIL [   0.005s] sums of_nothing\n',
    ['sums leaks', 'sums of_one', 'sums of_two'],
  ],
  ['GoogleTest', '[ RUN      ] Sums.OfOne\n[       OK ] Sums.OfOne (1 ms)\n', ['Sums.OfOne']],
  ['CTest', '1/2 Test #1: sums .............................   Passed    0.01 sec\n', ['sums']],
  ['Gradle', 'SumsTest > ofOne() PASSED\nSumsTest > ofNothing() SKIPPED\n', ['SumsTest > ofOne()']],
  ['.NET', '  Passed Sums.OfOne [12 ms]\n', ['Sums.OfOne']],
  // Only slow tests are named here, so that a faster candidate would seem to lack them.
  ['Vitest 3, default', ' ✓ a.test.js (7 tests | 2 skipped) 419ms\n   ✓ sums > slow  403ms\n', []],
  ['Vitest 4, default', ' ✓ a.test.js (7 tests) 410ms\n     ✓ slow  402ms\n', []],
  ['Vite, which builds', '✓ 35 modules transformed.\n✓ built in 1.20s\n', []],
];

describe('names of passed tests', () => {
  const listed = (output: string) => passedTests(output).flatMap(([name, count]) => Array<string>(count).fill(name));

  it.each(passing)('of %s', (_runner, output, names) => {
    expect(listed(output).sort()).toEqual(names);
    expect(listed(output.replaceAll('\n', '\r\n')).sort()).toEqual(names);
  });

  it('are all there where as many are named as are counted', () => {
    const output = '  ✓ a\n  ✓ b (2 ms)\n\nTests:       2 passed, 2 total\n';
    const { passed } = countTests(output)!;
    expect(namesAll(passedTests(output), passed)).toBe(true);
    expect(namesAll(passedTests('  ✓ a\n'), passed)).toBe(false);
    expect(namesAll([], 0)).toBe(false);
  });

  it('are clean and bounded, whatever a program prints', () => {
    const marks = fc.constantFrom(
      '✔ ',
      '  ✓ ',
      ' ✓ a > ',
      'ok 1 - ',
      '--- PASS: ',
      'a.py::',
      'test ',
      '        PASS [ 1s] ',
    );
    const ends = fc.constantFrom('', ' (1ms)', ' PASSED', ' ... ok', ' (0.00s)');
    const printed = fc.array(fc.tuple(marks, fc.string({ unit: 'binary' }), ends), { maxLength: 60 });
    fc.assert(
      fc.property(printed, (lines) => {
        for (const [name] of passedTests(lines.map((parts) => parts.join('')).join('\n'))) {
          expect(name.length).toBeLessThanOrEqual(160);
          expect(name).not.toMatch(/[\p{Cc}\n]/u);
        }
      }),
    );
    const many = Array.from({ length: 30_000 }, (_, index) => `ok 1 - test ${index}`).join('\n');
    expect(passedTests(many)).toHaveLength(20_000);
  });

  // Were a pattern quadratic, these would not end.
  it.each([
    ['marks', '  ✔ '.repeat(300_000)],
    ['beginnings of names', ' ✓ a > '.repeat(200_000)],
    ['endless times', `✔ ${'(1ms) '.repeat(200_000)}`],
    [
      'a line of Go as JSON without an end',
      `{"Time":"1","Action":"pass","Package":"a","Test":"${'","Elapsed'.repeat(100_000)}`,
    ],
    ['explanations', 'a (b)\n'.repeat(200_000)],
    ['dots', `1/1 Test #1: a ${'.'.repeat(1_000_000)}`],
  ])('end on %s', (_, output) => {
    expect(passedTests(output).length).toBeLessThan(2);
  });
});

describe('the tests of the base', () => {
  const base = passedTests('ok 1 - a\nok 2 - b\nok 3 - b\n');

  it.each([
    ['one that does not run', 'ok 1 - b\nok 2 - b\n', ['a']],
    ['one that is skipped', 'ok 1 - a # SKIP\nok 2 - b\nok 3 - b\n', ['a']],
    ['one that is renamed', 'ok 1 - a!\nok 2 - b\nok 3 - b\n', ['a']],
    ['one of two of the same name', 'ok 1 - a\nok 2 - b\n', ['b']],
    ['one that is said to have passed and to have failed', 'ok 1 - a\nok 2 - b\nok 3 - b\nnot ok 4 - a\n', ['a']],
    ['one whose name goes on in another line', 'ok 1 - a\nok 2 - c\nb\nok 3 - b\n', ['b']],
    ['one in a line that other separators begin', '# \u2028ok 1 - a\n# \u2029ok 1 - a\nok 2 - b\nok 3 - b\n', ['a']],
    ['one hidden by escapes', 'ok 1 - \x1b[2Kx\x1b[1Da\nok 2 - b\nok 3 - b\n', ['a']],
    ['none where others are added', 'ok 1 - b\nok 2 - new\nok 3 - b\nok 4 - a\n', []],
    ['none for colours', 'ok 1 - \x1b[32ma\x1b[39m\nok 2 - b\nok 3 - b\n', []],
  ])('miss %s', (_, output, missing) => {
    expect(missingTests(passedTests(output), base)).toEqual(missing);
  });

  it('are those that all of its runs have', () => {
    const again = passedTests('ok 1 - a\nok 2 - b\nok 3 - /tmp/x81 is written\n');
    expect(commonTests(base, again)).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });
});
