import { shortName } from './find.ts';
import { hasWord, type SourceFile, type SourceFunction } from './function.ts';

/** Code that a function has to do with. */
export interface Related {
  file: string;
  name: string;
  /** 1-based line where it begins. */
  line: number;
  /** Whole where it is short, else what matters of it. */
  code: string;
}

/** A function in its file. */
export interface Place {
  file: string;
  name: string | null;
  range: { start: number; end: number };
}

/** Lines of a function that is shown whole; of a longer one its head and the lines around a call. */
const maxWholeLines = 30;
/** Lines around a call. */
const around = 3;

/** Finds functions that call the one at a place, those of its own file first. */
export function callersOf(place: Place, files: readonly SourceFile[], count = 4): Related[] {
  const name = shortName(place.name ?? '');
  if (name === '') return [];
  const callers = own(place, files).flatMap((file) => {
    const calls = (one: SourceFunction) => isCalled(behindHead(textOf(file, one), one, name), name);
    const outside = functionsOf(file).filter((one) => isElsewhere(place, file, one) && calls(one));
    const isInnermost = (one: SourceFunction) => !outside.some((inner) => inner !== one && isWithin(one, inner));
    return outside.filter(isInnermost).map((one) => related(file, one, name));
  });
  return callers.slice(0, count);
}

/** Finds functions that the one at a place calls, those of its own file first; with the constructor of its class. */
export function calleesOf(place: Place, files: readonly SourceFile[], count = 6): Related[] {
  const [home] = own(place, files);
  if (home?.path !== place.file) return [];
  const called = calledIn(home.content.slice(place.range.start, place.range.end));
  const holder = place.name?.split('.').slice(0, -1).join('.') ?? '';
  const found = own(place, files).flatMap((file) => {
    const isConstructor = (one: SourceFunction) =>
      file === home && one.kind === 'constructor' && holder !== '' && one.name.startsWith(`${holder}.`);
    const isReached = (one: SourceFunction) => file === home || one.isModuleLevel || one.kind === 'method';
    const callees = functionsOf(file).filter(
      (one) =>
        isElsewhere(place, file, one) && (isConstructor(one) || (called.has(shortName(one.name)) && isReached(one))),
    );
    return callees.map((one) => related(file, one, null));
  });
  const names = new Set<string>();
  return found.filter(({ name }) => !names.has(shortName(name)) && names.add(shortName(name))).slice(0, count);
}

/** Names that a text calls: where their definitions are looked for. */
export function calledIn(code: string): Set<string> {
  const calls = code.matchAll(/(?<![\p{ID_Continue}$])([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:::<[^<>]*>|!)?\(/gu);
  return new Set([...calls].map(([, name]) => name!).filter((name) => !keywords.has(name)));
}

const keywords = new Set(
  'if for while switch catch return function and or not in await with match super def func fn elif print'.split(' '),
);

function own({ file }: Place, files: readonly SourceFile[]): SourceFile[] {
  return [...files].sort((a, b) => Number(b.path === file) - Number(a.path === file));
}

function functionsOf({ parsed }: SourceFile): readonly SourceFunction[] {
  return parsed?.functions ?? [];
}

function textOf({ content }: SourceFile, { range }: SourceFunction): string {
  return content.slice(range.start, range.end);
}

function isElsewhere({ file, range }: Place, { path }: SourceFile, one: SourceFunction): boolean {
  return path !== file || one.range.end <= range.start || range.end <= one.range.start;
}

function isWithin(outer: SourceFunction, inner: SourceFunction): boolean {
  return outer.range.start <= inner.range.start && inner.range.end <= outer.range.end;
}

/** The text without the head of a function that has the name itself. */
function behindHead(text: string, one: SourceFunction, name: string): string {
  return shortName(one.name) === name ? text.slice(text.indexOf(name) + name.length) : text;
}

function isCalled(text: string, name: string): boolean {
  return text.includes(name) && (calledIn(text).has(name) || (!text.includes(`${name}(`) && hasWord(text, name)));
}

function related(file: SourceFile, one: SourceFunction, calls: string | null): Related {
  return { file: file.path, name: one.name, line: one.start, code: excerpt(textOf(file, one), calls) };
}

/** A function whole where it is short; of a long one the head, and what is around the calls. */
function excerpt(code: string, calls: string | null): string {
  const lines = code.split('\n');
  if (lines.length <= maxWholeLines) return code;
  const hits = calls === null ? [] : lines.flatMap((text, at) => (hasWord(text, calls) && at > 0 ? [at] : []));
  const shown = (at: number) => at < 2 || hits.slice(0, 3).some((hit) => Math.abs(hit - at) <= around);
  return joined(lines, shown);
}

/** Joins the lines that are shown, with an ellipsis for those between. */
export function joined(lines: readonly string[], shown: (at: number) => boolean): string {
  const kept: string[] = [];
  lines.forEach((text, at) => {
    if (shown(at)) kept.push(text);
    else if (kept.at(-1) !== '…') kept.push('…');
  });
  return kept.join('\n');
}
