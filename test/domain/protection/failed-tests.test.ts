import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failedTests } from '../../../domain/protection/failed-tests.ts';

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
