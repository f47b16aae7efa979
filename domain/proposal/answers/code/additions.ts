import { shift } from './function-text.ts';
import { importPlace, missingImport, type Statement } from './statements.ts';
import { hasWord, type Language, type ParsedSource, type SourceFunction } from '../../../source/function.ts';
import type { Placement } from '../../place.ts';

export interface CodeText {
  text: string;
  parsed: ParsedSource;
}

export interface Parts extends CodeText {
  statements: Statement[];
}

/** A function or what it uses, with the names of its parameters. */
export interface NewText {
  text: string;
  own: readonly string[];
}

interface Both {
  mine: Parts;
  theirs: Parts;
}

export function lastName(name: string): string {
  return name.replace(/#\d+$/, '').split('.').at(-1)!;
}

/** What of the further statements the new functions use, before the first of them: methods in its class. */
export function helpers(
  found: { texts: readonly NewText[]; further: readonly Statement[] },
  { mine, theirs }: Both,
  anchor: SourceFunction,
): Placement[] {
  const kept = used(found, theirs);
  const top = theirs.statements.find(({ start, end }) => start <= anchor.range.start && anchor.range.end <= end);
  const lineStart = theirs.text.lastIndexOf('\n', anchor.range.start - 1) + 1;
  const lead = theirs.text.slice(lineStart, anchor.range.start);
  const to = lead.trim() === '' ? lead : '';
  const holder = anchor.name.slice(0, -lastName(anchor.name).length);
  const [members, before] = [[] as string[], [] as string[]];
  for (const one of kept) {
    const [method] = one.functions;
    if (method && holder !== '' && method.name.startsWith(holder) && one.name !== method.name) {
      const start = mine.text.lastIndexOf('\n', method.range.start - 1) + 1;
      const text = mine.text.slice(method.range.start, method.range.end);
      members.push(`${to}${shift(text, mine.text.slice(start, method.range.start), to, theirs.parsed.language)}\n\n`);
    } else before.push(`${mine.text.slice(one.lead, one.end)}\n\n`);
  }
  const at = (start: number, parts: string[]) =>
    parts.length > 0 ? [{ start, end: start, text: parts.join('') }] : [];
  return [...at(lineStart, members), ...at(top?.lead ?? lineStart, before)];
}

/** In their order; what they use in turn is among them. */
function used({ texts, further }: Parameters<typeof helpers>[0], theirs: Parts): Statement[] {
  const present = importsOf(theirs);
  const needing = [...texts];
  const kept = new Set<Statement>();
  for (let before = -1; before < kept.size;) {
    before = kept.size;
    for (const one of further) {
      const own = one.functions.length > 0 ? one.functions.map(({ name }) => lastName(name)) : [one.name];
      const names = own.filter((name) => name !== null && !hasWord(present, name)) as string[];
      const isUsed = names.some((name) => needing.some((text) => uses(text, name, theirs.parsed.language)));
      const isFill = one.name === null && one.functions.length === 0 && !isExample(one.text);
      if (kept.has(one) || !(isUsed || (isFill && [...kept].some(({ name }) => name && hasWord(one.text, name)))))
        continue;
      kept.add(one);
      needing.push({ text: one.text, own: [] });
    }
  }
  return further.filter((one) => kept.has(one));
}

/** Tells if a text needs a name from outside: one that it does not give to something of its own. */
function uses({ text, own }: NewText, name: string, language: Language): boolean {
  if (own.includes(name) || !hasWord(text, name)) return false;
  const word = name.replaceAll('$', '\\$');
  const sign = { python: '=(?!=)', go: ':=' }[language as string] ?? '(?!)';
  return !new RegExp(`\\b(?:const|let|var|for)\\s+(?:mut\\s+)?${word}\\b|^[ \\t]*${word}[ \\t]*${sign}`, 'mu').test(
    text,
  );
}

/** A call that shows or checks something, or an export: no part of what a function needs. */
function isExample(text: string): boolean {
  return /^(console\.|print|assert|module\.exports|exports\.|export\s|if __name__|package\s|expect|test\(|describe\()/.test(
    text,
  );
}

function importsOf({ statements }: Parts): string {
  return statements.flatMap(({ isImport, text }) => (isImport ? [text] : [])).join('\n');
}

/** The imports that the file lacks, where it has its own. */
export function imports(mine: Parts, theirs: Parts): Placement[] {
  const present = importsOf(theirs);
  const lacking = mine.statements.filter(({ isImport }) => isImport).map(({ text }) => missingImport(text, present));
  const lines = lacking.filter((text) => text !== null);
  if (lines.length === 0) return [];
  const start = importPlace(theirs.text, theirs.statements);
  const isAtEnd = start === theirs.text.length && !theirs.text.endsWith('\n');
  return [{ start, end: start, text: `${isAtEnd ? '\n' : ''}${lines.join('\n')}\n` }];
}
