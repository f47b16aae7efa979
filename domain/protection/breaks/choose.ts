import { hasWord, holds, type SourceFunction } from '../../source/function.ts';
import { functionsTouched, type SourceText } from '../../source/touched.ts';
import { canBeWrongInJavaScript } from './javascript.ts';

/** A source on both sides; null where it is not there, or cannot be read. */
export interface EditedSource {
  path: string;
  base: SourceText | null;
  candidate: SourceText | null;
}

/** A function that an edit changed, on both sides. */
interface BrokenFunction {
  path: string;
  name: string;
  before: SourceFunction;
  after: SourceFunction;
  canBeWrong: boolean;
  /** Set if no other edited text speaks of it: broken alone, it fails the same tests on both sides. */
  isApart: boolean;
}

export interface Chosen {
  functions: BrokenFunction[];
  /** Names of edited functions that are on one side only, or cannot be broken. */
  leftOut: string[];
  /** Set if both sides reach these functions alike: what else was edited has no other way to call them. */
  isComparable: boolean;
}

/** Chooses what is broken: functions that an edit changed and that are on both sides. */
export function chooseFunctions(sources: readonly EditedSource[]): Chosen {
  const chosen = sources.map(chooseIn);
  const functions = chosen.flatMap((one) => one.functions);
  const isApart = ({ path, name, before, after }: BrokenFunction) =>
    !chosen.some(({ others }) => speaksOf(others.join('\n'), name)) &&
    !functions.some(
      (other) =>
        (other.path !== path || other.name !== name) &&
        (speaksOf(textOf(sources, other, 'base'), before.name) || speaksOf(textOf(sources, other, 'candidate'), name)),
    ) &&
    before.kind === after.kind;
  return {
    functions: functions.map((one) => ({ ...one, isApart: isApart(one) })),
    leftOut: chosen.flatMap((one) => one.leftOut),
    isComparable: chosen.every(({ isComparable }) => isComparable),
  };
}

interface ChosenIn extends Chosen {
  /** Other edited text: what one side alone has. */
  others: string[];
}

function chooseIn({ path, base, candidate }: EditedSource): ChosenIn {
  if (!base || !candidate) return { functions: [], leftOut: [], others: [], isComparable: base === null };
  const { edited, added, removed } = functionsTouched(base, candidate);
  const isInner = ({ after }: (typeof edited)[number]) => edited.some((one) => holds(one.after, after));
  const pairs = edited.filter((one) => !isInner(one));
  const broken = pairs.filter(({ before, after }) => isBreakable(before) && isBreakable(after));
  const functions = broken.map(({ before, after }) => {
    const canBeWrong = [before, after].every((one) => canBeWrongIn(candidate, one));
    return { path, name: after.name, before, after, canBeWrong, isApart: false };
  });
  const ownBefore = functions.map(({ before }) => before);
  // A helper that only edited functions called went with them; another one had callers of its own.
  const gone = removed.filter((name) => {
    const places = [...ownBefore, ...base.parsed.functions.filter((one) => one.name === name)];
    return speaksOf(without(base.text, places), name);
  });
  const [lost, won] = difference(outsideOf(base), outsideOf(candidate));
  // What both sides export is called by its name; else lines of the base that are gone may have called it.
  const isCalledAlike = ({ before, after }: BrokenFunction) =>
    (before.exported !== null && before.exported === after.exported) || !speaksOf(lost.join('\n'), before.name);
  return {
    functions,
    leftOut: pairs.filter((one) => !broken.includes(one)).map(({ after }) => after.name),
    others: [...lost, ...won, ...textsOf(candidate, added), ...textsOf(base, removed)],
    isComparable: gone.length === 0 && pairs.length === broken.length && functions.every(isCalledAlike),
  };
}

function isBreakable({ body, expression, kind }: SourceFunction): boolean {
  return body !== null || (expression !== null && kind === 'arrow');
}

function canBeWrongIn({ parsed: { language } }: SourceText, one: SourceFunction): boolean {
  if (language === 'go' || language === 'rust') return false;
  return language === 'python' ? one.kind !== 'arrow' : canBeWrongInJavaScript(one);
}

/** Looks for the last part of a qualified name, as a word. */
function speaksOf(text: string, name: string): boolean {
  return hasWord(text, name.replace(/#\d+$/, '').split('.').at(-1)!);
}

function textOf(sources: readonly EditedSource[], one: BrokenFunction, side: 'base' | 'candidate'): string {
  const { start, end } = (side === 'base' ? one.before : one.after).range;
  return sources.find(({ path }) => path === one.path)![side]!.text.slice(start, end);
}

function textsOf({ text, parsed }: SourceText, names: readonly string[]): string[] {
  return parsed.functions
    .filter(({ name }) => names.includes(name))
    .map(({ range }) => text.slice(range.start, range.end));
}

function outsideOf({ text, parsed }: SourceText): string[] {
  return without(text, parsed.functions).split('\n');
}

/** Lines that each of two texts alone has. */
function difference(one: readonly string[], other: readonly string[]): [string[], string[]] {
  const [ones, others] = [new Set(one), new Set(other)];
  return [[...ones].filter((line) => !others.has(line)), [...others].filter((line) => !ones.has(line))];
}

function without(text: string, functions: readonly SourceFunction[]): string {
  let [left, at] = ['', 0];
  for (const { range } of [...functions].sort((a, b) => a.range.start - b.range.start)) {
    left += text.slice(at, Math.max(at, range.start));
    at = Math.max(at, range.end);
  }
  return left + text.slice(at);
}
