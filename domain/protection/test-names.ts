import { toLine, type CleanLine } from '../text.ts';
import { stripColours } from './test-count.ts';

/** Most names kept of failed tests; a suite that fails altogether is told by its number of tests. */
export const maxFailed = 50;
/** Most names kept of passed tests. */
const maxPassed = 20_000;

/** Passed tests by name, and how often each name occurs. */
export type NameCounts = (readonly [name: string, count: number])[];

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
  /^\{"Time":"[^"\n]{1,40}","Action":"fail","Package":"([^"\n]{1,300})","Test":"([^\n]{1,300}?)","Elapsed"/gm,
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

/** Lines by which they name a passed test, likewise; further groups go on with its name. */
const passes: readonly RegExp[] = [
  // Node:test and Bun tell the time of every test: build tools print such marks too.
  /^[✔✓] ([^\n]{1,300} [([][\d.]{1,16}ms[)\]])$/gmu,
  // What is nested in these; Mocha, Jest, AVA. Vitest indents by an odd number, and its default names only slow tests.
  /^(?: {2}){1,32}[✔✓√] (?!\d{1,9} (?:passing|tests? passed)\b|[^\n]{0,300}# (?:TODO|SKIP)\b)(\S[^\n]{0,300})$/gmu,
  /^ ✓ {1,2}(\S[^\n]{0,200} > [^\n]{1,300})$/gmu,
  // TAP.
  /^[ \t]{0,64}ok \d{1,9}(?: -)? (?![^\n]{0,300}# (?:TODO|SKIP)\b)([^\n]{1,300}?)(?: #[^\n]{0,200})?$/gim,
  // Pytest with -v, with -rA or under xdist; unittest, whose tests may have a line of explanation.
  /^(\S{1,200}\.\w{1,5}::[^\n]{1,300}?) PASSED(?: {1,80}\[ {0,2}\d{1,3}%\])?$/gm,
  /^(?:\[gw\d{1,4}\] \[ {0,2}\d{1,3}%\] )?PASSED (\S{1,200}\.\w{1,5}::[^\n]{1,300}?) ?$/gm,
  /^(\S{1,200} \([\w.]{1,300}\))(?:\n[^\n]{1,300}?)? \.\.\. ok$/gm,
  // Go, also as JSON.
  /^ {0,64}--- PASS: (\S{1,300}) \(/gm,
  /^\{"Time":"[^"\n]{1,40}","Action":"pass","Package":"([^"\n]{1,300})","Test":"([^\n]{1,300}?)","Elapsed"/gm,
  // Cargo, and nextest.
  /^test (\S[^\n]{0,300}?) \.\.\. ok$/gm,
  /^ {1,16}(?:PASS|LEAK) \[ {0,8}[\d.]{1,12}s\] (?:\([ \d/]{1,20}\) )?(\S[^\n]{0,300})$/gm,
  // GoogleTest, CTest, Gradle, .NET.
  /^\[ {7}OK \] ([A-Za-z_][^\s.]{0,200}\.[^\s,]{1,200})/gm,
  /^ {0,8}\d{1,6}\/\d{1,6} Test {1,8}#\d{1,6}: (\S{1,300}) \.{2,200} {1,4}Passed /gm,
  /^(\S[^\n>]{0,200} > [^\n]{1,300}) PASSED$/gm,
  /^ {2}Passed (\S[^\n]{0,300} )\[[^\]\n]{1,20}\]$/gm,
];

const headings = /^_{3,100} (?:ERROR at (?:setup|teardown) of )?(\S[^\n]{0,200}?) _{3,100}$/gm;

/** Returns the names of the tests that an output says have failed; null where it names none. Run it under a timeout. */
export function failedTests(output: string): CleanLine[] | null {
  const text = stripColours(output);
  const names = new Set<CleanLine>();
  for (const failure of [...failures, headings])
    for (const match of failure === headings && names.size > 0 ? [] : text.matchAll(failure)) {
      if (names.size === maxFailed) return [...names];
      names.add(nameIn(match));
    }
  names.delete(toLine(''));
  return names.size === 0 ? null : [...names];
}

/** Returns the tests that an output says have passed, none of which it says have failed too. Run it under a timeout. */
export function passedTests(output: string): NameCounts {
  const text = stripColours(output);
  const counts = new Map<string, number>();
  for (const pass of passes)
    for (const match of text.matchAll(pass)) {
      const name = nameIn(match);
      if (counts.size < maxPassed || counts.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  for (const failure of failures) for (const match of text.matchAll(failure)) counts.delete(nameIn(match));
  return [...counts];
}

/** Tells if an output names all tests that it counts, so that a name that is not there is a test that did not pass. */
export function namesAll(names: NameCounts, passed: number): boolean {
  return passed > 0 && names.reduce((sum, [, count]) => sum + count, 0) >= passed;
}

/** Keeps what passed in both runs of the base: a name that changes from run to run names no test. */
export function commonTests(these: NameCounts, those: NameCounts): NameCounts {
  const others = new Map(those);
  return these.flatMap(([name, count]) => (others.has(name) ? [[name, Math.min(count, others.get(name)!)]] : []));
}

/** Lists the tests of the base that did not pass as often as there. */
export function missingTests(passed: NameCounts, base: NameCounts): string[] {
  const found = new Map(passed);
  return base.flatMap(([name, count]) => ((found.get(name) ?? 0) < count ? [name] : []));
}

function nameIn([, ...parts]: RegExpMatchArray): CleanLine {
  return toLine(withoutNumbers(parts.join(' ')), 160);
}

/** Removes what differs from run to run, "(1.2ms)", "[0.50ms]", "5ms", "(retry x1)", and the line of a doctest. */
function withoutNumbers(name: string): string {
  const time =
    /(?:[ \t]{0,9}(?:[([]\d[\d.,]{0,12} ?(?:ms|s|m|μs|µs|us)[)\]]| \d{1,9}ms|\((?:retry|repeat) x\d{1,4}\)))+[ \t]*$/;
  return name.replace(time, '').replace(/ \(line \d{1,9}\)/, '');
}
