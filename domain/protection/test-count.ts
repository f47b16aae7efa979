import type { Finding } from '../checks.ts';

/** Tests that an output reports. */
export interface TestCount {
  /** Tests that ran and passed, all reports added up. What was skipped or is still to do did not run. */
  passed: number;
  /** Lines that report a run with at least one such test: workspaces and targets each print their own. */
  reports: number;
}

/** One form of report, found line by line. */
interface Runner {
  /** With the flags g and m. Anchored and with bounded repeats, so that no output takes more than linear time. */
  report: RegExp;
  passed: (match: RegExpMatchArray) => number;
}

const first = (match: RegExpMatchArray) => Number(match[1] ?? 0);
const less = (match: RegExpMatchArray) =>
  match.slice(2).reduce((left, part: string | undefined) => left - Number(part ?? 0), first(match));
/** All, less what a list such as "failures=1, skipped=2" names. */
const lessNamed = (match: RegExpMatchArray) =>
  [...(match[2] ?? '').matchAll(/(\d{1,9})/g)].reduce((left, [part]) => left - Number(part), first(match));

/** Reports whose first group is the number of passed tests, in the common runners' own words. No line fits two. */
const passedReports: Record<string, RegExp> = {
  // "# pass 3" of node:test, "# pass  3" of tape.
  tap: /^# pass[ \t]{1,8}(\d{1,9})[ \t]*$/gm,
  nodeSpec: /^ℹ pass (\d{1,9})$/gm,
  mocha: /^[ \t]{0,8}(?:[✔✓] )?(\d{1,9}) passing(?: \([^)\n]{1,20}\))?[ \t]*$/gm,
  jest: /^Tests:[ \t]{1,12}(?:[^\n]{0,100}?\b(\d{1,9}) passed, )?[^\n]{0,100}?\b\d{1,9} total[ \t]*$/gm,
  vitest: /^[ \t]{0,16}Tests {2}(?:[^\n]{0,100}?\b(\d{1,9}) passed)?[^\n]{0,100}?\(\d{1,9}\)[ \t]*$/gm,
  ava: /^[ \t]{0,8}(?:[✔✓] )?(\d{1,9}) tests? passed[ \t]*$/gm,
  karma: /^TOTAL: (\d{1,9}) SUCCESS$/gm,
  bun: /^[ \t]{0,4}(\d{1,9}) pass$/gm,
  deno: /^(?:ok|FAILED) \| (\d{1,9}) passed\b/gm,
  cargo: /^test result: (?:ok|FAILED)\. (\d{1,9}) passed;/gm,
  nextest: /^[ \t]{0,16}Summary \[[^\]\n]{1,20}\][ \t]{1,8}\d{1,9} tests? run: (\d{1,9}) passed\b/gm,
  googletest: /^\[ {2}PASSED {2}\] (\d{1,9}) tests?\.$/gm,
  catch2: /^All tests passed \(\d{1,9} assertions? in (\d{1,9}) test cases?\)$/gm,
  doctest: /^\[doctest\] test cases:[ \t]{1,12}\d{1,9} \|[ \t]{1,12}(\d{1,9}) passed\b/gm,
  // JUnit 4 prints it without the assertions.
  phpunit: /^OK \((\d{1,9}) tests?(?:, \d{1,9} assertions?)?\)$/gm,
  pest: /^[ \t]{0,4}Tests:[ \t]{1,8}[^\n]{0,80}?\b(\d{1,9}) passed \(\d{1,9} assertions?\)$/gm,
  junitConsole: /^\[ {1,10}(\d{1,9}) tests successful {1,10}\]$/gm,
  dotnet: /^(?:Passed|Failed)![ \t]{1,4}- Failed:[ \t]{1,9}\d{1,9}, Passed:[ \t]{1,9}(\d{1,9}),/gm,
  dotnetOld: /^[ \t]{0,8}Passed: (\d{1,9})$/gm,
  dart: /^\d\d:\d\d \+(\d{1,9})(?: ~\d{1,9})?: All tests passed!$/gm,
  zig: /^All (\d{1,9}) tests passed\.$/gm,
  prove: /^Files=\d{1,9}, Tests=(\d{1,9}),/gm,
};

/** Reports whose first group is the number of all tests; the later ones are what did not pass. */
const allReports: Record<string, RegExp> = {
  jasmine: /^(\d{1,9}) specs?, (\d{1,9}) failures?(?:, (\d{1,9}) pending specs?)?/gm,
  gotestsum: /^DONE (\d{1,9}) tests?(?:, (\d{1,9}) skipped)?(?:, (\d{1,9}) failures?)? in /gm,
  rspec: /^(\d{1,9}) examples?, (\d{1,9}) failures?(?:, (\d{1,9}) pending)?/gm,
  minitest:
    /^(\d{1,9}) (?:runs|tests), \d{1,9} assertions, (\d{1,9}) failures, (\d{1,9}) errors, (\d{1,9}) (?:skips|pendings)(?:, (\d{1,9}) omissions)?/gm,
  // The classes' own lines go on with the time elapsed.
  maven:
    /^(?:\[[A-Z]{4,7}\] )?Tests run: (\d{1,9}), Failures: (\d{1,9}), Errors: (\d{1,9}), Skipped: (\d{1,9})[ \t]*$/gm,
  exUnit: /^(?:\d{1,9} doctests?, )?(\d{1,9}) tests?, (\d{1,9}) failures?(?:, (\d{1,9}) (?:skipped|excluded))?$/gm,
};

const otherReports: Record<string, Runner> = {
  pytest: {
    report: /^(?:={1,200} )?((?:\d{1,9} [a-z]{1,12}(?: passed)?(?:, |(?= in ))){1,10}) in \d{1,9}\.\d\ds\b/gm,
    passed: ([, parts = '']) => Number(/(\d{1,9}) passed/.exec(parts)?.[1] ?? 0),
  },
  // Nose, Django and others print the same.
  unittest: {
    report: /^Ran (\d{1,9}) tests? in [0-9.]{1,20}s(?:\n{1,3}(?:OK|FAILED)(?: \(([^)\n]{0,120})\))?)?/gm,
    passed: lessNamed,
  },
  ctest: {
    report: /^\d{1,3}% tests passed, (\d{1,9}) tests? failed out of (\d{1,9})$/gm,
    passed: ([, failed, all]) => Number(all) - Number(failed),
  },
  phpunitSkipping: {
    report: /^Tests: (\d{1,9}), Assertions: \d{1,9}((?:, [A-Z][A-Za-z ]{1,24}: \d{1,9}){0,10})\.$/gm,
    passed: ([, all, rest = '']) =>
      Number(all) - sum([...rest.matchAll(/(?:Errors|Failures|Skipped|Incomplete): (\d{1,9})/g)].map(first)),
  },
};

const runners: Runner[] = [
  ...Object.values(passedReports).map((report) => ({ report, passed: first })),
  ...Object.values(allReports).map((report) => ({ report, passed: less })),
  ...Object.values(otherReports),
];

/** Tells how a runner that prints only numbers is made to name its tests. */
const namingAdvices: readonly [report: RegExp, advice: string][] = [
  [passedReports['mocha']!, 'run mocha with --reporter spec'],
  [passedReports['jest']!, 'run jest with --verbose'],
  [passedReports['vitest']!, 'run vitest with --reporter=verbose'],
  [otherReports['pytest']!.report, 'run pytest with -v'],
  [otherReports['unittest']!.report, 'run unittest with -v'],
  [/^(?:ok|FAIL) {0,4}\t/m, 'run go test with -v'],
  [passedReports['cargo']!, 'run cargo test without --quiet'],
];

/** Tells how the tests of an output that does not name them can be named; null where it is not known. */
export function namingAdvice(output: string): string | null {
  const text = stripColours(output);
  return namingAdvices.find(([report]) => text.search(report) >= 0)?.[1] ?? null;
}

/** Doubts about tests whose names are not known. */
export function namingFindings(advice: string | null): Finding[] {
  const fact = 'their output does not name each of them, so that a test is missed only if fewer run than on the base';
  return advice === null ? [] : [{ subject: 'tests', state: 'warning', fact, remedy: advice }];
}

/**
 * Counts passed tests by the lines of common runners, or by a user's pattern (run it under a timeout).
 * Null where the output does not say.
 */
export function countTests(output: string, pattern?: string): TestCount | null {
  const text = stripColours(output);
  const found =
    pattern === undefined
      ? [...runners.map((runner) => readReports(text, runner)), readTap(text), readGo(text), readGradle(text)]
      : [byPattern(text, pattern)];
  const known = found.filter((count) => count !== null);
  return known.length === 0
    ? null
    : { passed: sum(known.map(({ passed }) => passed)), reports: sum(known.map(({ reports }) => reports)) };
}

/** Says why a candidate's count is worse than the base's; null where it is not. */
export function testShortfall(candidate: TestCount | null, base: TestCount): string | null {
  const { passed, reports } = candidate ?? { passed: 0, reports: 0 };
  if (passed < base.passed) return `${passed} tests ran and passed, on the base ${base.passed}`;
  return reports > base.reports
    ? `the output reports more test runs than the base's (${reports}, on the base ${base.reports})`
    : null;
}

function readReports(text: string, { report, passed }: Runner): TestCount | null {
  const all: TestCount = { passed: 0, reports: 0 };
  let found = false;
  // One after the other: a hostile output has millions of them.
  for (const match of text.matchAll(report)) {
    const number = passed(match);
    all.passed += number;
    if (number > 0) all.reports++;
    found = true;
  }
  return found ? all : null;
}

function byPattern(text: string, pattern: string): TestCount | null {
  const passed = (match: RegExpMatchArray) => (/^\d{1,9}$/.test(match[1] ?? '') ? Number(match[1]) : 0);
  return readReports(text, { report: new RegExp(pattern, 'gm'), passed });
}

/** TAP without a summary: the tests of the top level; the plan is the report. */
function readTap(text: string): TestCount | null {
  const plans = countLines(text, /^1\.\.[1-9]\d{0,8}\b/gm);
  if (plans === 0) return null;
  if (/^# pass[ \t]/m.test(text)) return { passed: 0, reports: plans };
  const skipped = countLines(text, /^ok \d{1,9}\b[^\n#]{0,500}# (?:SKIP|TODO)\b/gim);
  return { passed: countLines(text, /^ok \d{1,9}\b/gm) - skipped, reports: plans };
}

/** A package's line says that its tests passed, and not how many they were; with -v each test says so. */
function readGo(text: string): TestCount | null {
  const packages =
    countLines(text, /^(?:ok|FAIL) {0,4}\t[^\n]{1,500}$/gm) -
    countLines(text, /^ok {0,4}\t[^\n]{1,500}\[no tests to run\]$/gm) +
    countLines(text, /^\{"Time":"[^"\n]{1,40}","Action":"(?:pass|fail)","Package":"[^"\n]{1,300}","Elapsed"/gm);
  if (packages === 0) return null;
  const tests = countLines(
    text,
    /^(?: {0,64}--- PASS: |\{"Time":"[^"\n]{1,40}","Action":"pass","Package":"[^"\n]{1,300}","Test")/gm,
  );
  return { passed: tests > 0 ? tests : packages, reports: packages };
}

/** Gradle tells of single tests, where it is asked to. */
function readGradle(text: string): TestCount | null {
  const tests = countLines(text, /^[^\s>][^\n>]{0,200} > [^\n]{1,300} PASSED$/gm);
  return tests === 0 ? null : { passed: tests, reports: countLines(text, /^BUILD (?:SUCCESSFUL|FAILED)/gm) };
}

function countLines(text: string, line: RegExp): number {
  return readReports(text, { report: line, passed: () => 1 })?.reports ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

export function stripColours(output: string): string {
  const lines = output.replace(/\r\n?/g, '\n').replace(/[\u2028\u2029]/g, ' ');
  return lines.replace(/\x1b\[[0-9;]{0,20}[A-Za-z]/g, '');
}
