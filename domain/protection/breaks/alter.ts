import { holds, type SourceFunction } from '../../source/function.ts';
import type { SourceText } from '../../source/touched.ts';
import { applyChanges, type Arming, type Change } from './arming.ts';
import { assertionOfPython, failingAssertion } from './assertions.ts';
import { breakGo, breakRust, endGo, endRust, goHelpers } from './compiled.ts';
import { breakJavaScript, endJavaScript, javaScriptHelpers } from './javascript.ts';
import { breakPython, endPython } from './python.ts';

/** Files of a tree to be altered. */
export interface Alteration {
  path: string;
  source: SourceText;
  /** Functions to be broken, with their places among all that are. */
  broken: readonly { one: SourceFunction; index: number }[];
  /** Set for a file of tests: each test is to end by an assertion that fails. */
  isTest: boolean;
  /** Set for a file that is a test as a whole. */
  isScript?: boolean;
}

/** Arms a source: each run of it is then as its BENCH_SEED says. Null where there is nothing to arm in it. */
export function alter({ source, broken, isTest, isScript }: Alteration, arming: Arming): string | null {
  const { text, parsed } = source;
  const { language } = parsed;
  const breakOne = { python: breakPython, go: breakGo, rust: breakRust }[language as string] ?? breakJavaScript;
  const taken = broken.map(({ one }) => one);
  const meets = (one: SourceFunction, other: SourceFunction) =>
    one !== other && one.range.start < other.range.end && other.range.start < one.range.end;
  const all = isTest ? parsed.functions.filter((one) => isTestOf(language, one)) : [];
  // Of tests within tests, those that hold no other.
  const isHolder = (one: SourceFunction) => all.some((other) => holds(one, other));
  const tests = all.filter((one) => !isHolder(one) && !taken.some((other) => meets(one, other)));
  const changes = [
    ...broken.flatMap(({ one, index }) => breakOne(text, arming, one, index)),
    ...tests.flatMap((test, nth) => endTest(source, arming, test, nth)),
  ];
  const isJavaScript = !['python', 'go', 'rust'].includes(language);
  if (isScript && isJavaScript && tests.length === 0) {
    const put = `\n;if (${arming.name}(-1)) { ${failingAssertion([text], arming, 0)} }`;
    changes.push({ start: text.length, end: text.length, text: put });
  }
  if (changes.length === 0) return null;
  const helpers = isJavaScript ? javaScriptHelpers(arming, language !== 'javascript') : '';
  return applyChanges(text, changes) + helpers;
}

/** Files that armed sources need beside them: a helper for each package of Go. */
export function helperFiles(altered: readonly Pick<Alteration, 'path' | 'source'>[], arming: Arming) {
  const files = new Map<string, { path: string; content: string }>();
  for (const { path, source } of altered) {
    const [, packageName] = /^package (\w+)/m.exec(source.text) ?? [];
    if (source.parsed.language !== 'go' || !packageName) continue;
    const directory = path.slice(0, path.lastIndexOf('/') + 1);
    const key = `${directory}:${packageName}`;
    // A file of tests alone is not seen by the others of its package.
    if (files.has(key) && path.endsWith('_test.go')) continue;
    const ending = path.endsWith('_test.go') ? '_test.go' : '.go';
    files.set(key, { path: `${directory}${arming.name}${ending}`, content: goHelpers(arming, packageName) });
  }
  return [...files.values()];
}

function isTestOf(language: string, { name }: SourceFunction): boolean {
  const own = name.split('.').at(-1)!;
  if (language === 'python') return own.startsWith('test');
  return language === 'go' || language === 'rust' || /^(?:test|it|specify)\(\)(?:#\d+)?$/.test(own);
}

function endTest(
  { text, parsed: { language } }: SourceText,
  arming: Arming,
  test: SourceFunction,
  nth: number,
): Change[] {
  const own = text.slice(test.range.start, test.range.end);
  if (language === 'python') return endPython(text, arming, test, { method: assertionOfPython(own), nth });
  if (language === 'go') return endGo(text, arming, test);
  if (language === 'rust') return endRust(text, arming, test);
  return endJavaScript(text, arming, test, failingAssertion([own, text], arming, nth));
}
