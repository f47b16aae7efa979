import { unequal, type Arming } from './arming.ts';

/** Callees that compare, by the end of their names: of values as they are, or of what is in them. */
const comparing = /\.(?:is|equals?|strictEquals?|deepEquals?|deepStrictEquals?|same|eql|like)$/i;
const matchers = /\.((?:not\.)?(?:to\.(?:deep\.)?(?:equal|eql)|toBe|toEqual|toStrictEqual|to\.be\.equal))\s*\(/g;
const calls = /(?<![\w$.])((?:assert|t|tap|test|chai\.assert)(?:\.[A-Za-z]\w*)*|expect)\s*\(/g;

/**
 * Writes an assertion that fails in the form that a JavaScript test uses last, or uses elsewhere; else a throw.
 * @param texts of the test and of its file @param nth of the tests
 */
export function failingAssertion(texts: readonly string[], arming: Arming, nth: number): string {
  const found = texts.map((text) => formIn(text, unequal(arming, nth)));
  return found.find((form) => form !== null) ?? `throw new Error("${arming.name}");`;
}

function formIn(text: string, [one, other]: [string, string]): string | null {
  for (const [, callee = ''] of [...text.matchAll(calls)].reverse()) {
    if (callee === 'expect') {
      const [, matcher] = [...text.matchAll(matchers)].filter(([, name]) => !name!.startsWith('not')).at(-1) ?? [];
      if (matcher) return `expect(${one}).${matcher}(${other});`;
    } else if (/^(?:assert|t\.true|t\.ok|t\.assert)$|\.ok$/.test(callee))
      return `${callee}([${one}].includes(${other}));`;
    else if (comparing.test(callee)) return `${callee}(${one}, ${other});`;
  }
  return null;
}

/** Names the assertion that a Python test uses last, of those that can be made to fail. */
export function assertionOfPython(test: string): string | null {
  const names = [...test.matchAll(/\bself\.(assert\w{1,40})\(/g)].map(([, name]) => name!);
  return names.filter((name) => pythonAssertions.has(name)).at(-1) ?? (names.length > 0 ? 'assertEqual' : null);
}

const pythonAssertions: ReadonlySet<string> = new Set(
  'assertEqual assertEquals assertIs assertTrue assertFalse assertIn assertListEqual assertDictEqual'.split(' '),
);
