import { toLine, type CleanLine } from '../text.ts';
import { stripColours } from './test-count.ts';

/** Most names kept of one output; a suite that fails altogether is told by its number of tests. */
const maxNames = 50;

/** Lines by which the common runners name a failed test; each has one group. Anchored, with bounded repeats. */
const failures: readonly RegExp[] = [
  // node:test, and others of its kind. The heading of its list is no test.
  /^[ \t]{0,64}[✖✗✘] (?:\[fail\]: )?(?!failing tests:|[^\n]{0,300}# (?:TODO|SKIP)\b)([^\n]{1,300})$/gmu,
  // TAP. What is to do, or skipped, did not fail.
  /^[ \t]{0,64}not ok(?: \d{1,9})?(?: -)? (?![^\n]{0,300}# (?:TODO|SKIP)\b)([^\n]{1,300}?)(?: #[^\n]{0,200})?$/gim,
  // Mocha's list at the end, the title of each suite in a line of its own; Jasmine's and ExUnit's.
  /^ {2}\d{1,5}\) (?!Failure:|Error:)([^\n]{1,200}(?:\n {7,17}[^\n]{1,200}){0,6}?):$/gm,
  /^\d{1,5}\) ([^\n]{1,300})\n {2}Message:$/gm,
  /^ {2}\d{1,5}\) ((?:test|property|doctest) [^\n]{1,300} \([\w.]{1,200}\))$/gm,
  // Jest.
  /^ {2}● (?!Console$|Test suite failed to run$)([^\n]{1,300})$/gmu,
  // Vitest; without a test the line names a file, as Jest's do.
  /^ {0,2}FAIL {1,2}(\S[^\n]{0,200} > [^\n]{1,300})$/gm,
  // Pytest: the summary, and the lines of -v; the headings stand for both where they are left out.
  /^(?:FAILED|ERROR) (\S{1,200}\.py(?:::[^\n]{1,200}?)?)(?: - [^\n]{0,500})?$/gm,
  /^(\S{1,200}\.py::[^\n]{1,200}?) (?:FAILED|ERROR)(?: {1,80}\[ {0,2}\d{1,3}%\])?$/gm,
  // Unittest and its kin.
  /^(?:FAIL|ERROR): (\S{1,200} \([\w.]{1,300}\)[^\n]{0,100})$/gm,
  // Go, and gotestsum.
  /^ {0,64}--- FAIL: (\S{1,300}) \(/gm,
  /^=== FAIL: (\S{1,200} \S{1,300}) \(/gm,
  // Cargo, and nextest.
  /^test (\S[^\n]{0,300}?) \.\.\. FAILED$/gm,
  /^ {1,16}(?:FAIL|TIMEOUT|SIG[A-Z]{2,6}|ABORT) \[ {0,8}[\d.]{1,12}s\] (?:\([ \d/]{1,20}\) )?(\S[^\n]{0,300})$/gm,
  // JUnit by Maven (the line of a class begins otherwise), Gradle, and its kin.
  /^(?:\[ERROR\] {1,4})?((?!Tests run:|\[ERROR\])\S[^\n]{0,300}?) {1,2}(?:-- )?Time elapsed: [^\n]{1,40}<<< (?:FAILURE|ERROR)!/gm,
  /^(\S[^\n>]{0,200} > [^\n]{1,300}) FAILED$/gm,
  /^\d{1,5}\) ([\w\\]{1,300}::\w[^\n]{0,200})$/gm,
  // GoogleTest, CTest, RSpec, minitest, .NET, Bun, Deno.
  /^\[ {2}FAILED {2}\] ([A-Za-z_][^\s.]{0,200}\.[^\s,]{1,200})/gm,
  /^[ \t]{1,8}\d{1,6} - (\S{1,300}) \((?:Failed|Timeout|SEGFAULT|Subprocess aborted|Exception[^)\n]{0,40})\)/gm,
  /^rspec (\.\/[^\n]{1,200}?)(?: # [^\n]{0,300})?$/gm,
  /^ {0,8}(?:\d{1,5}\) )?(?:Failure|Error):\n {0,8}(\w[\w:]{0,200}#[^\s:[]{1,200})/gm,
  /^ {2}Failed (\S[^\n]{0,300} )\[[^\]\n]{1,20}\]$/gm,
  /^\(fail\) ([^\n]{1,300})$/gm,
  /^(\S[^\n]{0,300}?) \.\.\. FAILED \([^)\n]{1,20}\)$/gm,
];

const headings = /^_{3,100} (?:ERROR at (?:setup|teardown) of )?(\S[^\n]{0,200}?) _{3,100}$/gm;

/** Returns the names of the tests that an output says have failed; null where it names none. Run it under a timeout. */
export function failedTests(output: string): CleanLine[] | null {
  const text = stripColours(output);
  const names = new Set<CleanLine>();
  for (const failure of [...failures, headings])
    for (const [, name = ''] of failure === headings && names.size > 0 ? [] : text.matchAll(failure)) {
      if (names.size === maxNames) return [...names];
      names.add(toLine(withoutTime(name), 160));
    }
  names.delete(toLine(''));
  return names.size === 0 ? null : [...names];
}

/** Removes what differs from run to run: "(1.2ms)", "[0.50ms]", "(5 s)". */
function withoutTime(name: string): string {
  return name.replace(/[ \t]*[([]\d[\d.,]{0,12} ?(?:ms|s|m|μs|µs|us)[)\]][ \t]*$/, '');
}
