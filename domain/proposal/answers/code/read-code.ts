import { fileIn } from '../file-name.ts';
import type { Fence, MarkedText } from '../fences.ts';
import { lastName, type CodeText } from './additions.ts';
import { elision, trimmedLines } from './elision.ts';
import { merge, type Merged } from './merge.ts';
import { statementsOf } from './statements.ts';
import { hasWord, type ParsedSource } from '../../../source/function.ts';
import type { Shown } from '../../form.ts';
import { indent, plainQuotes, shortest, toPlain, withoutNumbers, withUnixEnds, type Placement } from '../../place.ts';
import type { ParseResult } from '../../../config/problems.ts';

export type Parse = (code: string, path: string) => Promise<ParsedSource | null>;

/** New text for a file, in offsets of its plain text; from the end of the file to its beginning. */
export interface Rewrite {
  file: string;
  placements: Placement[];
}

/** Fences that hold no code of a repository. */
const foreign = /^(sh|bash|zsh|fish|shell|console|terminal|output|json|ya?ml|toml|csv|html|mermaid)\b/i;
/** An answer with more is a flood. */
const maxFences = 40;

/**
 * Reads whole functions and whole files in fences; an answer without a fence is one, where a function stands in it.
 * Null: there is no code.
 */
export async function readCode(
  marked: MarkedText,
  text: string,
  shown: Shown,
  parse: Parse,
): Promise<ParseResult<Rewrite[]> | null> {
  const fences = marked.fences
    .filter(({ info, code }) => code.trim() !== '' && !foreign.test(info))
    .slice(0, maxFences);
  const pieces =
    fences.length > 0 ? fences.map((fence) => toPiece(fence, shown)) : [{ file: null, code: text, isBare: true }];
  const found: { piece: Piece; file: string; read: Merged }[] = [];
  for (const piece of pieces) {
    const file = piece.file ?? (await fileOf(piece.code, shown, parse));
    const read = file === null ? homeless : await readPiece(piece, file, shown, parse);
    if (read) found.push({ piece, file: file ?? '', read });
  }
  const changes = found.filter(({ read }) => read.ok && read.placements.length > 0);
  const [first] = changes;
  if (changes.length === 1 && found.length > 1) {
    // A helper may stand in a fence of its own.
    const parts = found.filter((one) => one === first || (one.file === first!.file && !one.read.ok));
    const joined = { ...first!.piece, code: parts.map(({ piece }) => piece.code).join('\n\n') };
    const read = await readPiece(joined, first!.file, shown, parse);
    if (read?.ok) first!.read = read;
  }
  const rewrites = changes.map(({ file, read }) => ({ file, placements: read.ok ? read.placements : [] }));
  const clash = rewrites.find((one, index) => rewrites.slice(0, index).some((other) => touches(one, other)));
  if (clash) return refuse(`has two versions of the same code of ${clash.file}; print one`);
  if (rewrites.length > 0 || found.some(({ read }) => read.ok)) return { ok: true, value: rewrites };
  return found[0] && !found[0].read.ok ? refuse(found[0].read.problem) : null;
}

const homeless: Merged = {
  ok: false,
  problem: 'has code that belongs to none of the files shown; write its path in the line before it',
};

interface Piece {
  /** As the answer names it. */
  file: string | null;
  code: string;
  /** Stands among words, without fences. */
  isBare: boolean;
}

function refuse(problem: string): { ok: false; problems: string[] } {
  return { ok: false, problems: [`answer: ${problem}`] };
}

/** Takes the name of a file off the code, and what was copied with it. */
function toPiece({ info, code, above }: Fence, { files }: Shown): Piece {
  const paths = files.map(({ path }) => path);
  const lines = withoutNumbers(code.split('\n'));
  const first = lines.findIndex((line) => line.trim() !== '');
  const head = lines[first]!.trim();
  const named =
    /^(\/\/|#(?!!)|--|\/\*|<!--)/.test(head) && !/\s\S+\s+\S+\s+\S/.test(head)
      ? fileIn(head.replace(/\*\/|-->/, ''), paths)
      : null;
  if (named !== null && !files.some(({ content }) => content.includes(head))) lines.splice(first, 1);
  const lead = shortest(lines.filter((line) => line.trim() !== '').map(indent));
  return {
    file: fileIn(info, paths) ?? named ?? fileIn(above, paths),
    code: lines.map((line) => (line.startsWith(lead) ? line.slice(lead.length) : line.trim())).join('\n'),
    isBare: false,
  };
}

/** The file that was asked for, the only one, or the only one that has a function of the code. */
async function fileOf(code: string, { files, target }: Shown, parse: Parse): Promise<string | null> {
  if (target) return target.file;
  if (files.length === 1) return files[0]!.path;
  const found: string[] = [];
  for (const { path, content } of files.slice(0, maxFences)) {
    const [mine, theirs] = [await parse(code, path), await parse(toPlain(content).text, path)];
    const names = new Set(theirs?.functions.map(({ name }) => name));
    if (mine?.functions.some(({ name }) => names.has(name))) found.push(path);
  }
  return found.length === 1 ? found[0]! : null;
}

/** Null: words, and no code. */
async function readPiece(piece: Piece, path: string, shown: Shown, parse: Parse): Promise<Merged | null> {
  const { content } = shown.files.find((one) => one.path === path)!;
  const { text } = toPlain(content);
  const parsed = await parse(text, path);
  const target = shown.target?.file === path ? shown.target : null;
  const name = target?.function?.name ?? null;
  if (!parsed) return piece.isBare ? null : replaceUnparsed(piece.code, content, path, shown);
  const code = await parseCode(piece.code, { path, text, name, parse });
  if (!code)
    return piece.isBare ? null : { ok: false, problem: `has code that cannot be parsed for ${path}; print it whole` };
  if (piece.isBare) {
    const one = code.parsed.functions.find((each) => name !== null && lastName(each.name) === lastName(name));
    const whole = one && (await parse(code.text.slice(one.range.start, one.range.end), path));
    if (!whole || whole.errors.length > 0) return null;
    return merge({ ...code, text: code.text, parsed: { ...code.parsed, functions: [one] } }, { text, parsed }, name);
  }
  const file = { text, parsed };
  const isAsked = target !== null && target.function === null;
  if ((isAsked || name === null) && isWhole(code, file)) return { ok: true, placements: whole(text, code.text) };
  const merged = merge(code, file, name);
  return !merged.ok && isWhole(code, file) ? { ok: true, placements: whole(text, code.text) } : merged;
}

interface Place {
  path: string;
  /** Of the file. */
  text: string;
  name: string | null;
  parse: Parse;
}

/** Parses code as it stands, else with plain quotes and signs, else as a method in its class. */
async function parseCode(
  code: string,
  { path, text, name, parse }: Place,
): Promise<(CodeText & { isWrapped: boolean }) | null> {
  const parsed = await parse(code, path);
  if (!parsed) return null;
  const has = (functions: ParsedSource['functions']) =>
    name === null || functions.some((one) => lastName(one.name) === lastName(name));
  if (parsed.errors.length === 0 && has(parsed.functions) && !hasForeignQuotes(code))
    return { text: code, parsed, isWrapped: false };
  const holder = name?.split('.').at(-2);
  const isScript = /^(javascript|typescript|tsx)$/.test(parsed.language);
  const others = [
    { text: plainSigns(code, text), isWrapped: false },
    ...(isScript && holder ? [{ text: `class ${holder} {\n${code}\n}`, isWrapped: true }] : []),
  ];
  for (const other of others) {
    const again = other.text === code ? null : await parse(other.text, path);
    if (again && again.errors.length <= Math.max(0, parsed.errors.length - 1) && has(again.functions))
      return { ...other, parsed: again };
  }
  return { text: code, parsed, isWrapped: false };
}

/** Tells if a typographic quote stands where none can: outside of strings and comments. */
function hasForeignQuotes(code: string): boolean {
  if (plainQuotes(code) === code) return false;
  const lines = code.split('\n').filter((line) => line.length < 2_000);
  const bare = lines.map((line) =>
    line.replace(/(["'`])(?:\\.|(?!\1).)*?\1/g, '').replace(/(\/\/|#|\/\*|^\s*\*).*$/, ''),
  );
  return bare.some((line) => plainQuotes(line) !== line);
}

/** Undoes what a text program did to code: typographic quotes, and signs written for a web page. */
function plainSigns(code: string, file: string): string {
  const plain = plainQuotes(file) === file ? plainQuotes(code) : code;
  if (/&(lt|gt|amp|quot);/.test(file)) return plain;
  return plain.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** Tells if code is all of a file: nothing is left out that others may use, or that it uses itself. */
function isWhole(code: CodeText, file: CodeText): boolean {
  const names = new Set(code.parsed.functions.map(({ name }) => name));
  const isOuter = (name: string) => !file.parsed.functions.some((one) => name.startsWith(`${one.name}.`));
  const wanted = file.parsed.functions.filter(
    ({ name, exported }) => exported !== null || (name.includes('.') && isOuter(name)),
  );
  if (file.parsed.functions.length === 0 || wanted.some(({ name }) => !names.has(name))) return false;
  if (elision(code.text, trimmedLines(file.text)) !== null) return false;
  const declared = new Set(statementsOf(code.text, code.parsed.functions).map(({ name }) => name));
  const lost = statementsOf(file.text, file.parsed.functions).filter(
    ({ name }) => name !== null && !declared.has(name),
  );
  return !lost.some(({ name, text }) => /^export\s/.test(text) || hasWord(code.text, name!));
}

/** The lines of a file that another text of it changes. */
function whole(text: string, code: string): Placement[] {
  const body = withUnixEnds(code).replace(/\n$/, '') + (text.endsWith('\n') ? '\n' : '');
  return text === body ? [] : [{ start: 0, end: text.length, text: body }];
}

/** Of a language that no parser knows: a whole file where one was asked for, or what begins as the function does. */
function replaceUnparsed(code: string, content: string, path: string, { target }: Shown): Merged {
  const { text } = toPlain(content);
  if (target?.file !== path)
    return { ok: false, problem: `has code for ${path}, whose language is not known; print search/replace blocks` };
  if (!target.function)
    return elision(code, new Set()) === null
      ? { ok: true, placements: whole(text, code) }
      : { ok: false, problem: `leaves out a part of ${path}; print all of it` };
  const { name, ...range } = target.function;
  const [start, end] = [range.start, range.end].map((offset) => toPlain(content.slice(0, offset)).text.length) as [
    number,
    number,
  ];
  const old = text.slice(start, end);
  const head = (one: string) =>
    one
      .trim()
      .split(/[({\n]/)[0]!
      .replace(/\s+/g, ' ')
      .trim();
  const gap = elision(code, trimmedLines(old));
  if (gap !== null) return { ok: false, problem: `leaves out a part of "${name}" (${gap}); write the whole function` };
  if (head(code) !== head(old))
    return { ok: false, problem: `does not begin as "${name}" does; print that function alone` };
  return { ok: true, placements: code.trim() === old.trim() ? [] : [{ start, end, text: code.trim() }] };
}

function touches(one: Rewrite, other: Rewrite): boolean {
  const meet = (a: Placement, b: Placement) => a.start < b.end && b.start < a.end;
  return one.file === other.file && one.placements.some((a) => other.placements.some((b) => meet(a, b)));
}
