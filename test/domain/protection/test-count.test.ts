import { describe, expect, it } from 'vitest';
import { countTests, namingAdvice, namingFindings, testShortfall } from '../../../domain/protection/test-count.ts';

/** Ends of real outputs, with what ran and passed. */
const samples: [runner: string, output: string, passed: number, reports?: number][] = [
  [
    'node:test, TAP',
    'ok 3 - d # SKIP\n  ---\n  duration_ms: 0.07\n  ...\n1..4\n# tests 5\n# suites 1\n# pass 3\n# fail 0\n# cancelled 0\n# skipped 1\n# todo 1\n',
    3,
    2,
  ],
  [
    'node:test, spec',
    '✔ c (0.195ms)\n﹣ d (0.07ms) # SKIP\nℹ tests 5\nℹ suites 1\nℹ pass 3\nℹ fail 0\nℹ skipped 1\nℹ todo 1\n',
    3,
  ],
  ['mocha', '\n\n  s\n    ✔ a\n    ✔ b\n    - d\n\n\n  3 passing (2ms)\n  1 pending\n\n', 3],
  [
    'jest',
    'Test Suites: 1 passed, 1 total\nTests:       1 skipped, 3 passed, 4 total\nSnapshots:   0 total\nTime:        0.157 s\n',
    3,
  ],
  [
    'jest, all skipped',
    'Test Suites: 1 skipped, 0 of 1 total\nTests:       4 skipped, 4 total\nSnapshots:   0 total\n',
    0,
    0,
  ],
  [
    'vitest',
    ' Test Files  1 passed (1)\n      Tests  3 passed | 1 skipped (4)\n   Start at  14:17:45\n   Duration  175ms\n',
    3,
  ],
  [
    'vitest, in colours',
    '\x1b[2m Test Files \x1b[22m \x1b[1m\x1b[32m1 passed\x1b[39m\x1b[22m\x1b[90m (1)\x1b[39m\n\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m3 passed\x1b[39m\x1b[22m\x1b[2m | \x1b[22m\x1b[33m1 skipped\x1b[39m\x1b[90m (4)\x1b[39m\n',
    3,
  ],
  ['vitest, all skipped', ' Test Files  1 skipped (1)\n      Tests  4 skipped (4)\n', 0, 0],
  ['ava', '  - [skip] d\n  ✔ a\n  ✔ b\n  ✔ c\n  ─\n\n  3 tests passed\n  1 test skipped\n', 3],
  [
    'tape',
    'TAP version 13\n# a\nok 1 should be truthy\n# b\nok 2 should be truthy\n# c\nok 3 should be truthy\n\n1..3\n# tests 3\n# pass  3\n\n# ok\n',
    3,
    2,
  ],
  [
    'TAP without a summary',
    'TAP version 13\nok 1 - a\nok 2 - b # SKIP later\nok 3 - c # TODO\n    ok 1 - nested\n    1..1\nok 4 - d\n1..4\n',
    2,
  ],
  ['jasmine', 'Started\n..*.\n\n4 specs, 0 failures, 1 pending spec\nFinished in 0.006 seconds\n', 3],
  ['karma', 'Chrome Headless 120 (Linux): Executed 3 of 3 SUCCESS (0.01 secs / 0.002 secs)\nTOTAL: 3 SUCCESS\n', 3],
  [
    'bun',
    'bun test v1.1.0\n\na.test.ts:\n✓ s > a [0.1ms]\n\n 3 pass\n 1 skip\n 0 fail\n 3 expect() calls\nRan 4 tests across 1 files. [8.00ms]\n',
    3,
  ],
  ['deno', 'running 4 tests from ./a_test.ts\na ... ok (0ms)\n\nok | 3 passed | 0 failed | 1 ignored (5ms)\n\n', 3],
  [
    'pytest',
    'test_a.py ...s   [100%]\n\n========================= 3 passed, 1 skipped in 0.01s =========================\n',
    3,
  ],
  ['pytest -q', '...s                                     [100%]\n3 passed, 1 skipped in 0.01s\n', 3],
  [
    'pytest, longer than a minute',
    '============ 1 failed, 312 passed, 2 warnings in 83.20s (0:01:23) ============\n',
    312,
  ],
  ['pytest, all skipped', '============================== 4 skipped in 0.01s ==============================\n', 0, 0],
  [
    'unittest',
    '...s\n----------------------------------------------------------------------\nRan 4 tests in 0.000s\n\nOK (skipped=1)\n',
    3,
  ],
  ['unittest, failing', '-------\nRan 6 tests in 0.100s\n\nFAILED (failures=1, errors=1, skipped=1)\n', 3],
  [
    'nose',
    '...\n----------------------------------------------------------------------\nRan 3 tests in 0.012s\n\nOK\n',
    3,
  ],
  [
    'go test',
    '?   \tx/n\t[no test files]\nok  \tx/p\t0.002s\nok  \tx/q\t(cached)\nok  \tx/r\t0.001s [no tests to run]\n',
    2,
    2,
  ],
  [
    'go test -v',
    '=== RUN   TestA/sub\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/sub (0.00s)\n--- PASS: TestB (0.00s)\n--- SKIP: TestS (0.00s)\nPASS\nok  \tx/p\t0.002s\n',
    3,
  ],
  [
    'go test -json',
    '{"Time":"2026-11-30T01:08:33.08Z","Action":"run","Package":"x/p","Test":"TestA"}\n{"Time":"2026-11-30T01:08:33.09Z","Action":"pass","Package":"x/p","Test":"TestA","Elapsed":0}\n{"Time":"2026-11-30T01:08:33.09Z","Action":"skip","Package":"x/p","Test":"TestS","Elapsed":0}\n{"Time":"2026-11-30T01:08:33.1Z","Action":"pass","Package":"x/p","Elapsed":0.01}\n',
    1,
  ],
  ['gotestsum', '✓  x/p (2ms)\n\nDONE 4 tests, 1 skipped in 0.512s\n', 3],
  [
    'cargo test',
    'running 3 tests\ntest a ... ok\ntest c ... ignored\n\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\nrunning 1 test\ntest z ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n',
    3,
    2,
  ],
  ['cargo nextest', '     Summary [   0.005s] 3 tests run: 3 passed, 1 skipped\n', 3],
  [
    'ctest',
    '3/3 Test #3: c ................................   Passed    0.00 sec\n\n100% tests passed, 0 tests failed out of 3\n\nTotal Test time (real) =   0.01 sec\n',
    3,
  ],
  [
    'googletest',
    '[----------] Global test environment tear-down\n[==========] 3 tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] 3 tests.\n',
    3,
  ],
  [
    'Catch2',
    '===============================================================================\nAll tests passed (5 assertions in 3 test cases)\n\n',
    3,
  ],
  [
    'doctest',
    '[doctest] test cases: 3 | 3 passed | 0 failed | 0 skipped\n[doctest] assertions: 5 | 5 passed | 0 failed |\n',
    3,
  ],
  ['rspec', 'Finished in 0.00276 seconds (files took 0.06 seconds to load)\n4 examples, 0 failures, 1 pending\n', 3],
  ['minitest', 'Finished in 0.001s, 4000.0 runs/s.\n4 runs, 3 assertions, 0 failures, 0 errors, 1 skips\n', 3],
  [
    'test-unit',
    '3 tests, 5 assertions, 0 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications\n100% passed\n',
    3,
  ],
  [
    'PHPUnit',
    '...                       3 / 3 (100%)\n\nTime: 00:00.005, Memory: 6.00 MB\n\nOK (3 tests, 5 assertions)\n',
    3,
  ],
  ['PHPUnit, skipping', 'OK, but some tests were skipped!\nTests: 4, Assertions: 3, Skipped: 1.\n', 3],
  ['Pest', '\n  Tests:    1 skipped, 3 passed (5 assertions)\n  Duration: 0.05s\n', 3],
  ['JUnit 4', 'JUnit version 4.13.2\n...\nTime: 0.004\n\nOK (3 tests)\n', 3],
  [
    'JUnit 5',
    '[         4 tests found           ]\n[         1 tests skipped         ]\n[         3 tests successful      ]\n[         0 tests failed          ]\n',
    3,
  ],
  [
    'Maven',
    '[WARNING] Tests run: 4, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.05 s -- in x.AppTest\n[INFO] \n[INFO] Results:\n[INFO] \n[WARNING] Tests run: 4, Failures: 0, Errors: 0, Skipped: 1\n[INFO] \n[INFO] BUILD SUCCESS\n',
    3,
  ],
  [
    'Gradle, with its tests logged',
    'AppTest > adds() PASSED\n\nAppTest > waits() SKIPPED\n\nAppTest > sums > of two PASSED\n\nBUILD SUCCESSFUL in 2s\n',
    2,
  ],
  [
    'dotnet',
    'Passed!  - Failed:     0, Passed:     3, Skipped:     1, Total:     4, Duration: 10 ms - x.dll (net8.0)\n',
    3,
  ],
  ['dotnet, older', 'Test Run Successful.\nTotal tests: 3\n     Passed: 3\n Total time: 0.5 Seconds\n', 3],
  ['Dart', '00:00 +2: a_test.dart: c\n00:00 +3 ~1: All tests passed!\n', 3],
  ['ExUnit', 'Finished in 0.02 seconds (0.00s async, 0.02s sync)\n1 doctest, 4 tests, 0 failures, 1 skipped\n', 3],
  ['Zig', 'All 3 tests passed.\n', 3],
  [
    'prove',
    't/a.t .. ok\nAll tests successful.\nFiles=1, Tests=3,  0 wallclock secs ( 0.01 usr  0.01 sys +  0.02 cusr)\nResult: PASS\n',
    3,
  ],
];

describe('countTests', () => {
  it.each(samples)('reads what ran and passed: %s', (_, output, passed, reports = 1) => {
    expect(countTests(output)).toEqual({ passed, reports });
    expect(countTests(output.replaceAll('\n', '\r\n'))).toEqual({ passed, reports });
  });

  it('adds up the reports of several runs, of the same runner or of others', () => {
    const mocha = '  3 passing (2ms)\n';
    expect(countTests(`${mocha}${mocha}Tests:       2 passed, 2 total\n`)).toEqual({ passed: 8, reports: 3 });
  });

  it.each(['', 'all good\n', 'done in 0.01s\n', 'I counted: 3 passing things, 5 passed\n', '# passing by\n'])(
    'does not guess from %j',
    (output) => {
      expect(countTests(output)).toBeNull();
    },
  );

  it('takes a pattern in the place of the table, and adds its matches up', () => {
    const output = 'suite a: 3 checks\nsuite b: 4 checks\nsuite c: no checks\n  5 passing (2ms)\n';
    expect(countTests(output, '^suite \\w: (\\w+) checks$')).toEqual({ passed: 7, reports: 2 });
    expect(countTests(output, '^nothing (\\d+)$')).toBeNull();
  });

  // Twice the output may take a little more than twice the time; were it quadratic, these would not end.
  it.each([
    ['one long line of digits', '1'.repeat(1_000_000)],
    ['lines of spaces', `${' '.repeat(10_000)}\n`.repeat(100)],
    ['the beginnings of reports', 'Tests: 1 passed, 1 passed, 1 passed, '.repeat(30_000)],
    ['many beginnings', `Tests: ${'1 passed, '.repeat(20)}\n`.repeat(5_000)],
    ['tests of Gradle without an end', `${'a > '.repeat(100)}\n`.repeat(2_500)],
    ['bars of pytest', '='.repeat(1_000_000)],
    ['a million line ends', '\n'.repeat(1_000_000)],
  ])('ends on %s', (_, output) => {
    expect(countTests(output)).toBeNull();
  });
});

describe('testShortfall', () => {
  const base = { passed: 7, reports: 1 };
  it.each([
    ['as many', { passed: 7, reports: 1 }, null],
    ['more', { passed: 9, reports: 1 }, null],
    ['fewer', { passed: 6, reports: 1 }, '6 tests ran and passed, on the base 7'],
    ['an output that says nothing', null, '0 tests ran and passed, on the base 7'],
    [
      'a report more than the base has',
      { passed: 14, reports: 2 },
      "the output reports more test runs than the base's (2, on the base 1)",
    ],
  ])('judges %s', (_, candidate, said) => {
    expect(testShortfall(candidate, base)).toBe(said);
  });
});

describe('namingAdvice', () => {
  it.each([
    ['  3 passing (2ms)\n', 'run mocha with --reporter spec'],
    ['Tests:       3 passed, 3 total\n', 'run jest with --verbose'],
    ['      Tests  3 passed (3)\n', 'run vitest with --reporter=verbose'],
    ['3 passed in 0.01s\n', 'run pytest with -v'],
    ['Ran 4 tests in 0.000s\n\nOK\n', 'run unittest with -v'],
    ['ok  \tx/p\t0.002s\n', 'run go test with -v'],
    ['test result: ok. 2 passed; 0 failed;', 'run cargo test without --quiet'],
    ['all good\n', null],
  ])('of %j', (output, advice) => {
    expect(namingAdvice(output)).toBe(advice);
    expect(namingFindings(advice).map(({ remedy }) => remedy)).toEqual(advice === null ? [] : [advice]);
  });
});
