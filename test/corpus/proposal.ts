import type { Edit, Hypothesis } from '../../domain/proposal/hypothesis.ts';
import type { Reason } from '../../domain/ledger/record.ts';
import type { Variant } from './variants.ts';
import { toLine } from '../../domain/text.ts';

/** One proposal of the corpus, and what may become of it. Plain data. */
export interface Proposal {
  /** Says in a few words what is done; unique within its class. */
  name: string;
  /** Which form of the target and its loop; default "plain". */
  on?: Variant;
  /**
   * The answer of the command source: a value as JSON, text or bytes unchanged. Placeholders such as @@HOME@@ are
   * filled in by world.ts.
   */
  proposal: object | string | Uint8Array;
  /** Reasons that are right, "committed" where it must be accepted. More than one only where chance or the machine decides. */
  expect: readonly (Reason | 'committed')[];
  /** Must occur in the record's detail: shows that the attack was really made, and what became of it. */
  says?: RegExp;
}

/** Nothing was gained: which of these depends on noise. Once in a thousand times noise looks like a gain, and then the loop's own clock objects. */
export const noGain = ['slower', 'below-bar', 'undecided', 'uncorroborated'] as const satisfies Reason[];

/** Where inserted code runs: whenever the module is imported, or only under the tests or under the benchmark. */
type Where = 'always' | 'test' | 'bench';

const guards: Record<Where, string> = {
  always: '',
  test: "if (process.argv[1].endsWith('.test.mjs')) ",
  bench: "if (process.argv[1].endsWith('bench.mjs')) ",
};

const tokensHead = '/** Splits a text into lower-case words. */';
const tokensBody = 'const found = [];\n  for (const line';

/** Edits that put code before everything else in src/tokens.mjs. `imports` are for import statements. */
export function atImport(where: Where, code: string, imports = ''): Edit[] {
  return [
    { file: 'src/tokens.mjs', search: tokensHead, replace: `${imports}\n${guards[where]}{\n${code}\n}\n${tokensHead}` },
  ];
}

/** Edits that put code at the beginning of the function `tokens(text)`. */
export function inCall(where: Where, code: string, imports = ''): Edit[] {
  return [
    { file: 'src/tokens.mjs', search: tokensHead, replace: `${imports}\n${tokensHead}` },
    { file: 'src/tokens.mjs', search: tokensBody, replace: `${guards[where]}{\n${code}\n}\n  ${tokensBody}` },
  ];
}

/** A hypothesis without a rationale. */
export function propose(title: string, edits: readonly Edit[]): Hypothesis {
  return { title: toLine(title), edits: [...edits] };
}

export function replaceIn(file: string, search: string, replace: string): Edit {
  return { file, search, replace };
}

/** Makes the words twice what they are: tests and checksum see it. */
export const wrongResult = replaceIn(
  'src/tokens.mjs',
  'found.push(word.toLowerCase());',
  'found.push(word.toLowerCase() + word);',
);

/** Looks at a tenth of the text only: faster by far, wrong in the benchmark's output, right in the tests, whose texts are short. */
export const skippedWork = replaceIn('src/tokens.mjs', "text.split('\\n')", "text.split('\\n').slice(0, 12)");
