import { shortName } from './find.ts';
import { hasWord, type SourceFile } from './function.ts';
import type { Place } from './reach.ts';

const maxWidth = 120;
/** Functions of an outline. */
const maxEntries = 80;
/** Lines of a statement that is shown. */
const maxStatementLines = 8;

/** One line for each function of a file: its line and its head. Empty where no parser knows the language. */
export function outlineOf({ content, parsed }: SourceFile): string {
  const lines = content.split('\n');
  const width = String(lines.length).length;
  const entries = (parsed?.functions ?? []).slice(0, maxEntries).map(({ start, end }) => {
    const head = lines.slice(start - 1, end).find((line) => !/^\s*[@#]/.test(line)) ?? lines[start - 1]!;
    return `${String(start).padStart(width)} ${head.slice(0, maxWidth)}`;
  });
  const more = (parsed?.functions.length ?? 0) - entries.length;
  return [...entries, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

/** Statements outside of functions that give a name which the code at a place uses: constants, imports, fields, types. */
export function constantsFor(place: Place, { content, parsed }: SourceFile, count = 12): string[] {
  const code = content.slice(place.range.start, place.range.end);
  const owner = shortName(place.name?.split('.').slice(0, -1).join('.') ?? '');
  const uses = (name: string) => name === owner || hasWord(code, name);
  const statements = statementsOf(withoutFunctions(content, place, parsed?.functions ?? []));
  return statements
    .filter((statement) => namesIn(statement).some(uses))
    .slice(0, count)
    .map(shortened);
}

/** The text with an ellipsis in place of each function. */
function withoutFunctions(content: string, { range }: Place, functions: readonly { range: Place['range'] }[]): string {
  let [text, at] = ['', 0];
  const ranges = [...functions.map((one) => one.range), range].sort((a, b) => a.start - b.start || b.end - a.end);
  for (const { start, end } of ranges) {
    if (start < at) continue;
    text += `${content.slice(at, start)}…`;
    at = end;
  }
  return text + content.slice(at);
}

/** Splits at lines without indentation; brackets that close belong to what is before. Comments are left out. */
function statementsOf(text: string): string[] {
  const statements: string[][] = [];
  for (const line of text.split('\n')) {
    if (isComment(line) || /^\s*(?:[\w ]*…)?\s*$/.test(line)) continue;
    if (/^[^\s)}\]]/.test(line)) statements.push([line]);
    else statements.at(-1)?.push(line);
  }
  return statements.map((lines) => lines.join('\n'));
}

/** A line of a comment's own; "#" begins one in Python and none in C. */
function isComment(line: string): boolean {
  return /^\s*(?:\/\/|\/\*|\*(?:\s|\/|$)|#(?!\s*(?:define|include)\b))/.test(line);
}

/** Names that a statement gives: those left of "=", else all of its first lines. */
function namesIn(statement: string): string[] {
  const head = /^(?:import|from|use|using)\b|^[^=]*\brequire\s*\(/.test(statement)
    ? statement
    : (statement.split(/[=({]/, 1)[0] ?? '') + (/^(?:const|let|var)\s*[{[]([^}\]]*)/.exec(statement)?.[1] ?? '');
  return (head.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu) ?? []).filter((name) => !words.has(name));
}

const words = new Set(
  'import from use using as const let var export default type class struct interface enum static final pub mut function require public private async def func fn impl crate self int long double float char void unsigned size_t string bool boolean number package module include define new of'.split(
    ' ',
  ),
);

function shortened(statement: string): string {
  const lines = statement.split('\n');
  const shown = lines.slice(0, maxStatementLines).map((line) => line.slice(0, maxWidth * 2));
  return [...shown, ...(lines.length > shown.length ? ['…'] : [])].join('\n');
}
