import { helpers, imports, lastName, type CodeText, type NewText, type Parts } from './additions.ts';
import { elision, trimmedLines } from './elision.ts';
import { replaceFunction } from './function-text.ts';
import { statementsOf, type Statement } from './statements.ts';
import type { SourceFunction } from '../../../source/function.ts';
import type { Placement } from '../../place.ts';

export type Merged = { ok: true; placements: Placement[] } | { ok: false; problem: string };

/**
 * Puts an answer's functions in the place of the file's, with what else they use.
 * @param target name of the function that was asked for, or null
 */
export function merge(code: CodeText & { isWrapped: boolean }, file: CodeText, target: string | null): Merged {
  const [mine, theirs] = [code, file].map((one) => ({
    ...one,
    statements: statementsOf(one.text, one.parsed.functions),
  })) as [Parts, Parts];
  const lines = trimmedLines(file.text);
  const found: Found = { placements: [], anchors: [], texts: [], isShown: false, further: [] };
  for (const statement of mine.statements) {
    const problem = statement.isImport
      ? null
      : take(statement, { mine, theirs, lines, target, isWrapped: code.isWrapped }, found);
    if (problem !== null) return { ok: false, problem };
  }
  const [anchor] = found.anchors.sort((a, b) => a.range.start - b.range.start);
  if (!anchor) {
    if (found.isShown) return { ok: true, placements: [] };
    const wanted = target === null ? 'no function of the file' : `no function named "${lastName(target)}"`;
    return { ok: false, problem: `has ${wanted}; keep the name of the function` };
  }
  const placements = [...found.placements, ...helpers(found, { mine, theirs }, anchor), ...imports(mine, theirs)];
  placements.sort((a, b) => b.start - a.start || b.end - a.end);
  const overlaps = placements.some((one, index) => index > 0 && one.end > placements[index - 1]!.start);
  if (overlaps)
    return { ok: false, problem: 'has a function and one within it, both changed; write the outer one alone' };
  return { ok: true, placements };
}

interface Found {
  placements: Placement[];
  /** Functions of the file that are written anew. */
  anchors: SourceFunction[];
  /** New texts of them. */
  texts: NewText[];
  /** A function is there as it was shown. */
  isShown: boolean;
  /** Takes what the file lacks. */
  further: Statement[];
}

interface Sides {
  mine: Parts;
  theirs: Parts;
  /** Lines of the file, without blanks around them. */
  lines: ReadonlySet<string>;
  target: string | null;
  /** A method stood alone, and was put into a class of that name. */
  isWrapped: boolean;
}

/** Sorts one statement of the answer. Returns a problem, or null. */
function take(statement: Statement, sides: Sides, found: Found): string | null {
  const { theirs, lines } = sides;
  const { functions, name } = statement;
  const rest = outside(statement);
  const isFrame = rest.every((line) => /^[;,)]*$/.test(line) || lines.has(line) || elision(line, lines) !== null);
  const isFunction = functions.length === 1 && rest.length === 1;
  if (isFunction || (functions.length > 0 && (isFrame || sides.isWrapped)))
    return takeFunctions(statement, sides, found);
  if (isFrame) return null;
  const old = name === null ? undefined : theirs.statements.find((one) => one.name === name && !one.isImport);
  if (!old) {
    found.further.push(statement);
    return null;
  }
  const names = functions.map((one) => one.name);
  if (elision(statement.text, lines) !== null || old.functions.some((one) => !names.includes(one.name)))
    return `changes ${JSON.stringify(name)} beyond its functions, and leaves some of it out; write all of it`;
  found.placements.push({ start: old.start, end: old.end, text: statement.text });
  if (old.functions[0]) found.anchors.push(old.functions[0]);
  found.texts.push({ text: statement.text, own: [] });
  return null;
}

/** Lines of a statement without its functions. */
function outside({ text, start, functions }: Statement): string[] {
  let [rest, at] = ['', 0];
  for (const { range } of functions) {
    rest += text.slice(at, range.start - start);
    at = range.end - start;
  }
  const lines = `${rest}${text.slice(at)}`.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('@'));
}

function takeFunctions({ functions, ...statement }: Statement, sides: Sides, found: Found): string | null {
  const { mine, theirs, lines, target } = sides;
  for (const one of functions) {
    const old = match(one, theirs.parsed.functions, target);
    const text = mine.text.slice(one.range.start, one.range.end);
    if (/#\d+$/.test(one.name) && old?.name !== one.name) return `has "${lastName(one.name)}" twice; write it once`;
    if (!old) {
      found.further.push({ ...statement, functions: [one] });
      continue;
    }
    if (isEqual(text, theirs.text.slice(old.range.start, old.range.end))) {
      found.isShown = true;
      continue;
    }
    const gap = elision(text, lines);
    if (gap !== null) return `leaves out a part of "${lastName(old.name)}" (${gap}); write the whole function`;
    const located = { text: theirs.text, one: old };
    found.placements.push(replaceFunction({ text: mine.text, one }, located, theirs.parsed.language));
    found.anchors.push(old);
    found.texts.push({ text, own: one.parameters ?? [] });
  }
  return null;
}

function match(
  one: SourceFunction,
  functions: readonly SourceFunction[],
  target: string | null,
): SourceFunction | null {
  const same = functions.find(({ name }) => name === one.name);
  if (same) return same;
  const own = lastName(one.name);
  const isTarget = target !== null && own === lastName(target);
  const named = functions.filter(({ name }) => (isTarget ? name === target : lastName(name) === own));
  return named.length === 1 && (isTarget || !one.name.includes('.')) ? named[0]! : null;
}

function isEqual(a: string, b: string): boolean {
  const lines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
      .join('\n');
  return lines(a) === lines(b);
}
