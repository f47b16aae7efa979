/** Tells where an edit goes, in offsets of the file's own content, and the text that it gets. */
export interface Placement {
  start: number;
  end: number;
  text: string;
}

/** A text with "\n" as its line ends and no byte order mark, as models write it, and the way back. */
export interface PlainText {
  text: string;
  /** Offset in the content at an offset of the text; at a line end, that of its "\r". */
  at: (offset: number) => number;
}

const bom = '\ufeff';

export function toPlain(content: string): PlainText {
  const lead = content.startsWith(bom) ? 1 : 0;
  const text = withUnixEnds(content.slice(lead));
  if (text.length + lead === content.length) return { text, at: (offset) => offset + lead };
  const at = (offset: number) => {
    let [position, passed] = [lead, 0];
    for (; passed < offset; passed++) position += content.startsWith('\r\n', position) ? 2 : 1;
    return position;
  };
  return { text, at };
}

/** Line ends of the place that a text goes to, else the last ones before it; unchanged where the file has none. */
export function withEndsOf(content: string, start: number, text: string): string {
  const after = content.indexOf('\n', start);
  const end = after >= 0 ? after : content.lastIndexOf('\n');
  if (end < 0) return text;
  const plain = withUnixEnds(text);
  return content[end - 1] === '\r' ? plain.replaceAll('\n', '\r\n') : plain;
}

/** Gives a new text the byte order mark, the line ends and the last line's end that the file had. */
export function inFormOf(content: string, text: string): string {
  const plain = withUnixEnds(text.startsWith(bom) ? text.slice(1) : text);
  const hasEnd = content.endsWith('\n') || !content.includes('\n') || plain === '';
  const body = !hasEnd
    ? plain.replace(/\n$/, '')
    : content.includes('\n') && !plain.endsWith('\n')
      ? `${plain}\n`
      : plain;
  const windows = content.split('\r\n').length - 1;
  const isWindows = windows > 0 && 2 * windows >= content.split('\n').length - 1;
  return (content.startsWith(bom) ? bom : '') + (isWindows ? body.replaceAll('\n', '\r\n') : body);
}

/** Facts in place of a placement: a text that is not there, or not at one place. */
export type Misfit = 'does not occur' | 'occurs more than once';

/** Undo what a server, or a model that writes JSON, may have done to a whole answer. */
const undo: readonly ((text: string) => string)[] = [
  (text) => text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name]!),
  // Signs of a diff before every line.
  (text) => (text.split('\n').every((line) => /^[-+]/.test(line)) ? text.replace(/^[-+]/gm, '') : text),
  (text) => (/\n/.test(text) ? text : text.replace(/\\([nt"\\])/g, (_, mark: string) => escapes[mark]!)),
];
const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
const escapes: Record<string, string> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

/** Finds the one place of a text; one that is nowhere may be there once it is undone what was done to the whole edit. */
export function place(content: string, edit: PlacedEdit): Placement | Misfit {
  const found = placeAsWritten(content, edit);
  if (found !== 'does not occur') return found;
  for (const plain of undo) {
    const search = plain(edit.search);
    const undone =
      search === edit.search ? found : placeAsWritten(content, { ...edit, search, replace: plain(edit.replace) });
    if (typeof undone !== 'string') return undone;
  }
  return found;
}

interface PlacedEdit {
  search: string;
  replace: string;
  file: string;
  /** Set where whole lines are meant: 1-based, to choose among equal places, or 0. */
  line?: number;
}

/**
 * Finds the one place of a text: exactly, else by whole lines whose blanks count less and less. Indents the new text.
 */
function placeAsWritten(content: string, edit: PlacedEdit): Placement | Misfit {
  const { text, at } = toPlain(content);
  // A line of a file with CRLF, without its end, still has half of it.
  const [search, replaced] = [edit.search, edit.replace].map((one) => withUnixEnds(one).replace(/\r$/, '')) as [
    string,
    string,
  ];
  const put = (start: number, end: number, replace: string): Placement => ({
    ...{ start: at(start), end: at(end), text: withEndsOf(content, at(start), replace) },
  });
  const first = search === '' ? -1 : text.indexOf(search);
  const isOnly = first >= 0 && text.indexOf(search, first + 1) < 0;
  const lines = text.split('\n');
  const [wanted, replace] = [search, replaced].map((one) => toLines(one)) as [string[], string[]];
  const found = edit.line === undefined && first >= 0 ? 'occurs more than once' : findLines(lines, wanted);
  if (isOnly && (edit.line === undefined || found === 'does not occur'))
    return put(first, first + search.length, replaced);
  const window = typeof found === 'string' ? atLine(lines, wanted, found, edit.line) : found;
  if (typeof window === 'string') return first >= 0 ? 'occurs more than once' : window;
  const theirs = lines.slice(window.from, window.to);
  const indented = indentAs(wanted, theirs, replace, isIndented(edit.file));
  if (!indented) return 'does not occur';
  const change = changeOf({ wanted, replace, indented, theirs });
  const [from, to] = [window.from + change.from, window.from + change.to];
  const start = lines.slice(0, from).join('\n').length + Number(from > 0);
  const end = start + lines.slice(from, to).join('\n').length;
  if (change.lines.length > 0 || from === to) return put(start, end, change.lines.join('\n'));
  // Lines that go take their line end with them.
  return put(start, Math.min(end + 1, text.length), '');
}

interface Change {
  wanted: readonly string[];
  replace: readonly string[];
  /** The new lines, as they are indented in the file. */
  indented: readonly string[];
  /** Lines of the file that were found. */
  theirs: readonly string[];
}

/** Leaves lines at both ends that an answer only copied as the file has them. */
function changeOf({ wanted, replace, indented, theirs }: Change): Lines & { lines: string[] } {
  const isBlank = (line: string | undefined) => line?.trim() === '';
  const most = Math.min(wanted.length, replace.length);
  let [head, tail] = [0, 0];
  while (head < most && wanted[head] === replace[head]) head++;
  while (isBlank(wanted[head - 1])) head--;
  while (tail < most - head && wanted.at(-1 - tail) === replace.at(-1 - tail)) tail++;
  while (tail > 0 && isBlank(wanted.at(-tail))) tail--;
  const filled = theirs.flatMap((line, index) => (isBlank(line) ? [] : [index]));
  const count = (lines: readonly string[]) => lines.filter((line) => !isBlank(line)).length;
  const [before, behind] = [count(wanted.slice(0, head)), count(wanted.slice(wanted.length - tail))];
  let from = before > 0 ? filled[before - 1]! + 1 : 0;
  let to = behind > 0 ? filled[filled.length - behind]! : theirs.length;
  const lines = indented.slice(head, indented.length - tail);
  while (from < to && isBlank(theirs[from]) && !isBlank(wanted[head])) from++;
  while (from < to && isBlank(theirs[to - 1]) && !isBlank(wanted.at(-1 - tail))) to--;
  // New lines alone go with one beside them, so that each line has its end.
  if (from === to && lines.length > 0 && from > 0) lines.unshift(theirs[--from]!);
  else if (from === to && lines.length > 0) lines.push(theirs[to++]!);
  return { from, to, lines };
}

interface Lines {
  from: number;
  /** Behind the last one. */
  to: number;
}

/** Each sees more lines as equal than the one before. */
const keys: readonly ((line: string) => string)[] = [
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) =>
    plainQuotes(line.normalize('NFKC'))
      .replace(/[\u2010-\u2015\u2212]/g, '-')
      .replace(/[\s\u200b-\u200d\u2060]/g, ''),
];

function findLines(lines: readonly string[], wanted: readonly string[]): Lines | Misfit {
  const kept = lines.flatMap((line, index) => (line.trim() === '' ? [] : [{ index, line }]));
  for (const key of keys) {
    const found = windows(kept, wanted.map(key).filter(Boolean), key);
    if (found.length > 0) return found.length === 1 ? found[0]! : 'occurs more than once';
  }
  return 'does not occur';
}

/** At most two places: more say no more. */
function windows(
  kept: readonly { index: number; line: string }[],
  needle: readonly string[],
  key: (line: string) => string,
): Lines[] {
  if (needle.length === 0) return [];
  const found: Lines[] = [];
  for (let first = 0; first + needle.length <= kept.length && found.length < 2; first++) {
    let equal = 0;
    while (equal < needle.length && key(kept[first + equal]!.line) === needle[equal]) equal++;
    if (equal === needle.length)
      found.push({ from: kept[first]!.index, to: kept[first + needle.length - 1]!.index + 1 });
  }
  return found;
}

/** A line number is believed only where the text stands at that very line. */
function atLine(lines: readonly string[], wanted: readonly string[], misfit: Misfit, line = 0): Lines | Misfit {
  const from = line - 1;
  const to = from + wanted.length;
  if (misfit === 'does not occur' || from < 0) return misfit;
  const isThere = wanted.every((text, index) => lines[from + index]?.trimEnd() === text.trimEnd());
  return isThere ? { from, to } : misfit;
}

/** Lines without the fences, line numbers and blank lines around them that an answer copied along. */
function toLines(text: string): string[] {
  const lines = text.split('\n');
  const isBlank = (line: string | undefined) => line?.trim() === '';
  const strip = () => {
    while (isBlank(lines[0])) lines.shift();
    while (isBlank(lines.at(-1))) lines.pop();
  };
  strip();
  if (lines.length > 2 && /^\s*```/.test(lines[0]!) && /^\s*```\s*$/.test(lines.at(-1)!)) {
    lines.shift();
    lines.pop();
    strip();
  }
  return withoutNumbers(lines);
}

/** Removes line numbers that stand before every line and count up by one. */
export function withoutNumbers(lines: string[]): string[] {
  const numbered = lines.map((line) => /^ {0,8}L?(\d{1,6})(?: {0,4}[|:│→]|\t)(.*)$/.exec(line));
  const counts = numbered.every((one, index) => (one ? Number(one[1]) === Number(numbered[0]![1]) + index : false));
  if (lines.length === 0 || !counts) return lines;
  const rests = numbered.map((one) => one![2]!);
  const isSpaced = rests.every((rest) => rest === '' || rest.startsWith(' '));
  return rests.map((rest) => (isSpaced ? rest.slice(1) : rest));
}

/** Indents new lines as the lines found are, where the answer's own are indented otherwise; null: it cannot be told. */
function indentAs(
  wanted: readonly string[],
  found: readonly string[],
  replace: string[],
  isStrict: boolean,
): string[] | null {
  const [mine, theirs] = [wanted, found].map((lines) => lines.filter((line) => line.trim() !== '').map(indent)) as [
    string[],
    string[],
  ];
  if (mine.every((one, index) => one === theirs[index])) return replace;
  const [least, leastFound, leastNew] = [mine, theirs, replace.filter((line) => line.trim() !== '').map(indent)].map(
    shortest,
  ) as [string, string, string];
  if (leastNew !== least && leastNew === leastFound) return replace;
  const known = new Map<string, string>();
  for (const [index, one] of mine.entries()) {
    if (isStrict && known.has(one) && known.get(one) !== theirs[index]) return null;
    if (!known.has(one)) known.set(one, theirs[index]!);
  }
  const [unit, unitFound] = [unitOf(mine), unitOf(theirs)];
  return replace.map((line) => {
    if (line.trim() === '') return '';
    const own = indent(line);
    const base = [...known.keys()].filter((one) => own.startsWith(one)).sort((a, b) => b.length - a.length)[0];
    if (base === undefined)
      return leastFound.slice(0, Math.max(0, leastFound.length - least.length + own.length)) + line.trimStart();
    const deeper = own.slice(base.length);
    const scaled =
      unit && unitFound && deeper.length % unit.length === 0 ? unitFound.repeat(deeper.length / unit.length) : deeper;
    return known.get(base)! + scaled + line.trimStart();
  });
}

/** The smallest step between two indentations; empty where there is but one. */
function unitOf(indents: readonly string[]): string {
  const sorted = [...new Set(indents)].sort((a, b) => a.length - b.length);
  const steps = sorted.slice(1).map((one, index) => one.slice(sorted[index]!.length));
  return steps.sort((a, b) => a.length - b.length)[0] ?? '';
}

export function indent(line: string): string {
  return line.slice(0, line.length - line.trimStart().length);
}

export function shortest(indents: readonly string[]): string {
  return indents.reduce((least, one) => (one.length < least.length ? one : least), indents[0] ?? '');
}

/** Languages in which indentation is meaning. */
function isIndented(file: string): boolean {
  return /\.(py[ix]?|ya?ml|coffee|nim|haml|sass|pug|fsx?|hs|mk)$|(^|\/)Makefile$/i.test(file);
}

/** Writes typographic quotes and blanks as a keyboard does. */
export function plainQuotes(text: string): string {
  return text
    .replace(/[\u2018\u2019\u201a\u2032]/g, "'")
    .replace(/[\u201c-\u201e\u2033]/g, '"')
    .replace(/[\u00a0\u2007\u202f]/g, ' ');
}

export function withUnixEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
