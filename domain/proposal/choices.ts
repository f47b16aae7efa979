import { toLine, type CleanLine } from '../text.ts';
import type { Hypothesis } from './hypothesis.ts';

/** A named number in the source that a proposal may set to another value. */
export interface Choice {
  file: string;
  constant: string;
  /** The whole declaration line; occurs once in the file. */
  line: string;
  present: number;
  /** Values to choose from: 1-2-5 steps and powers of two within three orders of magnitude of the present one. */
  values: number[];
}

/** Of a line without blanks at its ends, of which two parts could take the same. */
const declaration =
  /^(?:(?:export|public|private|protected|pub(?:\([a-z]+\))?|static|readonly|final|constexpr|inline|const|let|var|unsigned|int|long|double|float|(?:std::)?size_t|u?int\d\d?_t)\s+)*([A-Za-z_][A-Za-z0-9_]*)(?:\s*:\s*[A-Za-z0-9_]+)?\s*=\s*([0-9][0-9_]*(?:\.[0-9]+)?)(?:[uU]|\s+as\s+const)?\s*;?\s*(?:(?:\/\/|#).*)?$/;
const maxChoices = 12;
/** A longer line declares no number that a person would tune. */
const maxLine = 200;
/** Declarations of one file that are looked at: to find that a line occurs once takes a look at the whole file. */
const maxDeclarations = 200;

/** Finds constants with upper-case names that are set to a plain number on a line of their own, at most `most`. */
export function findChoices(files: readonly { path: string; content: string }[], most = maxChoices): Choice[] {
  const choices: Choice[] = [];
  for (const { path, content } of files) {
    const lines = content.split(/\r?\n/).filter((line) => line.length <= maxLine && line.includes('='));
    let looked = 0;
    for (const line of lines) {
      if (choices.length >= most || looked === maxDeclarations) break;
      const [, constant, literal] = declaration.exec(line.trim()) ?? [];
      if (!constant || !literal || !/^[A-Z][A-Z0-9_]*$/.test(constant)) continue;
      looked++;
      if (content.indexOf(line) !== content.lastIndexOf(line)) continue;
      const present = Number(literal.replaceAll('_', ''));
      if (!(present > 0) || present > 1e9) continue;
      choices.push({ file: path, constant, line, present, values: valuesAround(present) });
    }
  }
  return choices;
}

/** The choices without the values whose title stands in `tried`; a constant without values left is dropped. */
export function untried(choices: readonly Choice[], tried: ReadonlySet<string>): Choice[] {
  return choices
    .map((choice) => ({ ...choice, values: choice.values.filter((value) => !tried.has(titleOf(choice, value))) }))
    .filter(({ values }) => values.length > 0);
}

/** Gives the same words to the same choice in every iteration: past titles tell which values were tried. @internal */
export function titleOf(choice: Pick<Choice, 'constant' | 'file' | 'present'>, value: number): CleanLine {
  return toLine(`Set ${choice.constant} in ${choice.file} to ${value} (was ${choice.present})`);
}

/** Names a constant in questions and answers; two of one name with their files. */
export function choiceLabel({ file, constant }: Choice, all: readonly Choice[]): string {
  const isAlone = all.filter((other) => other.constant === constant).length < 2;
  return isAlone ? constant : `${file}:${constant}`;
}

export function toHypothesis(choice: Choice, value: number): Hypothesis {
  const replace = choice.line.replace(/(=\s*)[0-9][0-9_]*(?:\.[0-9]+)?/, `$1${value}`);
  return { title: titleOf(choice, value), edits: [{ file: choice.file, search: choice.line, replace }] };
}

function valuesAround(present: number): number[] {
  const [low, high] = [present / 1000, present * 1000];
  const values = new Set<number>();
  for (let power = -9; power <= 12; power++) for (const step of [1, 2, 5]) values.add(Number(`${step}e${power}`));
  for (let power = 0; power <= 40; power++) values.add(2 ** power);
  const whole = Number.isInteger(present);
  return [...values]
    .filter(
      (value) =>
        value >= low && value <= high && value !== present && (!whole || Number.isInteger(value)) && value < 1e10,
    )
    .sort((a, b) => a - b);
}
