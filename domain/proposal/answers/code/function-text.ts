import type { Language, SourceFunction } from '../../../source/function.ts';
import { indent, type Placement } from '../../place.ts';

/** A text that was parsed, and a function in it. */
export interface Located {
  text: string;
  one: SourceFunction;
}

/** Puts an answer's function in the place of the file's: indented as it was, with its own export and decorators. */
export function replaceFunction(mine: Located, theirs: Located, language: Language): Placement {
  const [own, old] =
    isVariable(mine) === isVariable(theirs) ? [mine, theirs].map(rangeOf) : [mine, theirs].map(statementOf);
  const { end } = old!;
  let { start } = old!;
  const text = mine.text.slice(own!.start, own!.end);
  // Decorators that an answer left out are none of its change.
  if (!text.startsWith('@')) start += /^(?:@[^\n]*\n[ \t]*)*/.exec(theirs.text.slice(start, end))![0].length;
  const [from, to] = [mine.text, theirs.text].map((all, index) => indent(lineAt(all, [own!.start, start][index]!)));
  const attributes = missingAttributes(mine.text.slice(0, own!.start), theirs.text.slice(0, start));
  const lead = attributes.map((line) => `${line}\n${to!}`).join('');
  return { start, end, text: lead + shift(text, from!, to!, language) };
}

/** A function that the file lacks, with the comments above it, indented for its place. */
export function shift(text: string, from: string, to: string, language: Language): string {
  if (from === to) return text;
  // Indentation is meaning in Python alone; elsewhere it is not worth a change within a text over many lines.
  if (language !== 'python' && /[`]|\br#*"/.test(text)) return text;
  let quotes: string | null = null;
  const lines = text.split('\n').map((line, index) => {
    const isString = quotes !== null;
    const isDocs = /^\s*[rRuU]?("""|''')/.test(line);
    if (language === 'python')
      for (const [mark] of line.matchAll(/"""|'''/g)) quotes = quotes === null ? mark : quotes === mark ? null : quotes;
    if (isDocs && quotes !== null) quotes = null;
    return index === 0 || isString || !line.startsWith(from) || line.trim() === ''
      ? line
      : to + line.slice(from.length);
  });
  return lines.join('\n');
}

function rangeOf({ one }: Located): { start: number; end: number } {
  return one.range;
}

function before({ text, one }: Located): string {
  return text.slice(text.lastIndexOf('\n', one.range.start - 1) + 1, one.range.start);
}

/** Tells a variable that holds a function from a declaration. */
function isVariable(located: Located): boolean {
  return /(^|\s)(const|let|var)\s+$/.test(before(located));
}

/** With "const" before it and ";" behind it. */
function statementOf(located: Located): { start: number; end: number } {
  const { start, end } = located.one.range;
  if (!isVariable(located)) return { start, end };
  const [keyword] = /(const|let|var)\s+$/.exec(before(located))!;
  return { start: start - keyword.length, end: end + Number(located.text[end] === ';') };
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return text.slice(start, Math.max(offset, start));
}

/** Attributes right above a function of Rust's, of which the file's function lacks some. */
function missingAttributes(above: string, aboveTheirs: string): string[] {
  const [mine, theirs] = [above, aboveTheirs].map((text) => {
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .trimEnd()
      .split('\n');
    const first = lines.findLastIndex((line) => !/^\s*#\[/.test(line));
    return lines.slice(first + 1).map((line) => line.trim());
  });
  return mine!.filter((line) => !theirs!.includes(line));
}
