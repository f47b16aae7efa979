import { holds, type ParsedSource, type SourceFunction } from './function.ts';

/** The place at which a profiler saw a function. */
interface Seen {
  name: string | null;
  /** 1-based. */
  line: number | null;
}

/** Lines of a function that is shown with what holds it: alone it tells too little. */
const fewLines = 3;
/** Lines of a holder that is shown in its place. */
const maxHolderLines = 60;

/** Last word of a name as languages and profilers qualify it: "next" of "lexer.(*Lexer).next", "Lexer.next#2". */
export function shortName(name: string): string {
  return /([\p{ID_Continue}$]+)\W*$/u.exec(name.replace(/#\d+$/, ''))?.[1] ?? '';
}

/** Finds a function by line, the nearest around it; by its name where no function of that name is at the line. */
export function functionAt({ functions }: ParsedSource, { name, line }: Seen): SourceFunction | null {
  const short = name === null ? '' : shortName(name);
  const named = functions.filter((one) => short !== '' && shortName(one.name) === short);
  const isAround = (one: SourceFunction) => line !== null && one.start <= line && line <= one.end;
  const found = smallest(named.filter(isAround)) ?? nearest(named, line) ?? smallest(functions.filter(isAround));
  return found && withHolder(functions, found);
}

function smallest(functions: readonly SourceFunction[]): SourceFunction | null {
  return functions.reduce<SourceFunction | null>((best, one) => (best && size(best) <= size(one) ? best : one), null);
}

function size({ range }: SourceFunction): number {
  return range.end - range.start;
}

/** The one of a name; of several the one that begins nearest to the line. */
function nearest(named: readonly SourceFunction[], line: number | null): SourceFunction | null {
  if (named.length < 2 || line === null) return named[0] ?? null;
  return named.reduce((best, one) => (Math.abs(one.start - line) < Math.abs(best.start - line) ? one : best));
}

function withHolder(functions: readonly SourceFunction[], found: SourceFunction): SourceFunction {
  if (found.end - found.start >= fewLines) return found;
  const holder = smallest(functions.filter((one) => holds(one, found)));
  return holder && holder.end - holder.start < maxHolderLines ? holder : found;
}

/** Lines of code that belong together, both included, from 1. */
export interface Block {
  start: number;
  end: number;
}

/** Finds the block of a function in a language without a parser, by its indentation. */
export function blockAt(text: string, { name, line }: Seen): Block | null {
  const lines = text.split('\n');
  const short = name === null ? '' : shortName(name);
  const header = headerOf(lines, short, line);
  if (header === null) return null;
  const indent = indentOf(lines[header]!);
  let end = header;
  for (let at = header + 1; at < lines.length; at++) {
    if (lines[at]!.trim() === '') continue;
    const isWithin = indentOf(lines[at]!) > indent;
    const isPart = isWithin || /^\s*(?:[{})\]]|end\b)/.test(lines[at]!);
    if (!isPart) break;
    end = at;
    if (!isWithin && !/^\s*[{(]\s*$/.test(lines[at]!)) break;
  }
  return { start: header + 1, end: end + 1 };
}

/** Index of the line with a function's name and a bracket, at or above the line where it was seen; else below. */
function headerOf(lines: readonly string[], name: string, line: number | null): number | null {
  const from = Math.min(line ?? lines.length, lines.length) - 1;
  const isHeader = (text: string) =>
    name !== '' &&
    text
      .split(name)
      .slice(1)
      .some((rest) => /^\s*[(<]/.test(rest));
  const isDefinition = (at: number) => isHeader(lines[at]!) && !/;\s*$/.test(lines[at]!);
  for (let at = from; at >= 0; at--) if (isDefinition(at) && (line === null || !isBehind(lines, at, from))) return at;
  for (let at = from + 1; at < lines.length; at++) if (isDefinition(at)) return at;
  if (name !== '' || line === null) return null;
  for (let at = from; at >= 0; at--) if (/^[^\s{})#/*]/.test(lines[at]!)) return at;
  return null;
}

/** Tells if a block that begins at a line has ended before another. */
function isBehind(lines: readonly string[], header: number, line: number): boolean {
  const indent = indentOf(lines[header]!);
  const between = lines.slice(header + 1, line);
  return between.some((text) => text.trim() !== '' && !/^\s*[{(]/.test(text) && indentOf(text) <= indent);
}

function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)![0].replace(/\t/g, '        ').length;
}
