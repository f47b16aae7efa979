/** A test that stands in a file of other code. */
export interface TestInSource {
  /** 1-based. */
  line: number;
  text: string;
}

/** Modules of runners, as sources of JavaScript and TypeScript import them. */
export const testModules = /['"](?:node:test|bun:test|vitest|@jest\/globals|mocha|ava|tape|uvu)['"]/;

/** Tells if a text may hold such tests, so that most files need no parser. */
export function mayHoldTests(text: string): boolean {
  return (
    />>>|\bTestCase\b|^(?:async *)?(?:def|class) *[Tt]est|import\.meta\.vitest|#!?\[|```|~~~/m.test(text) ||
    testModules.test(text)
  );
}

/**
 * Returns one line where the tests in a file are not those of the base, else null. Their order does not count.
 * @param now null: the file cannot be parsed
 */
export function testsProblem(
  file: string,
  base: readonly TestInSource[],
  now: readonly TestInSource[] | null,
): string | null {
  if (base.length === 0) return null;
  const name = JSON.stringify(file);
  if (!now) return `file ${name} holds tests and cannot be parsed with the edits; correct the syntax`;
  const left = now.map(({ text }) => text);
  for (const { text, line } of base) {
    const at = left.indexOf(text);
    if (at < 0) return `file ${name}: the test in line ${line} of the base is changed or gone; ${remedy}`;
    left.splice(at, 1);
  }
  const [added] = now.filter(({ text }) => left.includes(text)).slice(-1);
  return added ? `file ${name}: a test is added to those of the base in line ${added.line}; ${remedy}` : null;
}

const remedy = 'leave tests and examples in docs as they are';
