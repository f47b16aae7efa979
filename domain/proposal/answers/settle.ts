import { fileIn, fileNamed, plainPath } from './file-name.ts';
import type { Shown } from '../form.ts';
import type { Edit } from '../hypothesis.ts';
import { inFormOf, place, toPlain, withEndsOf, type Placement } from '../place.ts';

/** Longest text of an edit, in characters; see `Hypothesis`. */
const maxSearch = 20_000;

export type ReadEdit = Edit & {
  /** Set for whole lines: the number of the first as a diff says it, which is often wrong, or 0. */
  line?: number;
  /** The text came with nothing to search for, so that it may be one to insert. */
  isWithoutPlace?: boolean;
};

export interface Settled {
  /** As they are applied: each search text is the file's own and stands there once. */
  edits: Edit[];
  /** Contents before and after of the files that the edits change, where all of their places were found. */
  files: Map<string, { before: string; after: string }>;
  /** Files whose text came without its place. */
  withoutPlace: Set<string>;
  /** An edit that has no place, or whose file was not shown: `apply` says what is wrong with it. */
  isPartial: boolean;
}

/** Gives every edit the path, the text and the line ends of the file that it changes. Later edits see earlier ones. */
export function settleEdits(edits: readonly ReadEdit[], { files }: Shown): Settled {
  const paths = files.map(({ path }) => path);
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const settled: Settled = { edits: [], files: new Map(), withoutPlace: new Set(), isPartial: false };
  const moves = new Map<string, Move[]>();
  for (const { line, isWithoutPlace, ...edit } of edits) {
    const file = fileOf(edit, paths);
    if (isWithoutPlace) settled.withoutPlace.add(file);
    const before = contents.get(file);
    const placed =
      before === undefined || 'content' in edit
        ? null
        : place(before, { ...edit, file, ...(line !== undefined && { line: shifted(line, moves.get(file)) }) });
    if (before === undefined || typeof placed === 'string') {
      settled.isPartial = true;
      settled.edits.push({ ...edit, file });
      continue;
    }
    const found = placed ?? changedLines(before, inFormOf(before, (edit as { content: string }).content));
    const change = 'content' in edit ? { file, content: inFormOf(before, edit.content) } : toEdit(file, before, found!);
    if (found === null || !change) continue;
    settled.edits.push(change);
    const after = before.slice(0, found.start) + found.text + before.slice(found.end);
    contents.set(file, after);
    if (line) moves.set(file, [...(moves.get(file) ?? []), { line, by: count(after) - count(before) }]);
    settled.files.set(file, { before: settled.files.get(file)?.before ?? before, after });
  }
  return settled;
}

/** A file that is there is meant by a path in another form, too; a new file has the name that it is given. */
function fileOf(edit: Edit, paths: readonly string[]): string {
  const plain = plainPath(edit.file);
  if ('content' in edit && /^[^\\/~$]/.test(plain) && !plain.includes('\\')) return plain;
  return fileNamed(edit.file, paths) ?? ('content' in edit ? null : fileIn(edit.file, paths)) ?? plain;
}

/** Lines that an edit at a line of a diff took or gave. */
interface Move {
  line: number;
  by: number;
}

/** All lines of a diff are numbered as before its first change. */
function shifted(line: number, moves: readonly Move[] = []): number {
  return line && moves.reduce((sum, move) => sum + (move.line < line ? move.by : 0), line);
}

function count(text: string): number {
  return text.split('\n').length;
}

/** The edits that put new texts at places of a file's plain text; places come from the end to the beginning. */
export function toEdits(file: string, content: string, placements: readonly Placement[]): Edit[] {
  let now = content;
  return placements.flatMap((one) => {
    const { at } = toPlain(now);
    const exact = { start: at(one.start), end: at(one.end), text: withEndsOf(now, at(one.start), one.text) };
    const isWhole = one.start === 0 && one.end > 0 && exact.end === now.length;
    const found = isWhole ? changedLines(now, (now.startsWith('\ufeff') ? '\ufeff' : '') + exact.text) : exact;
    const edit = found && toEdit(file, now, found);
    if (!found || !edit) return [];
    now = now.slice(0, found.start) + found.text + now.slice(found.end);
    return [edit];
  });
}

/** Null where it changes nothing. */
function toEdit(file: string, content: string, { start, end, text }: Placement): Edit | null {
  if (content.slice(start, end) === text) return null;
  let [from, to] = [start, end];
  for (let more = 1; !isOnce(content, content.slice(from, to)); more *= 2) {
    if (from === 0 && to === content.length) break;
    for (let line = 0; line < more; line++) {
      from = content.lastIndexOf('\n', from - 2) + 1;
      to = to < content.length ? content.indexOf('\n', to) + 1 || content.length : to;
    }
  }
  const replace = content.slice(from, start) + text + content.slice(end, to);
  const search = content.slice(from, to);
  if (search !== '' && search.length <= maxSearch && replace.length <= maxSearch) return { file, search, replace };
  return { file, content: content.slice(0, start) + text + content.slice(end) };
}

function isOnce(content: string, text: string): boolean {
  const first = text === '' ? -1 : content.indexOf(text);
  return first >= 0 && content.indexOf(text, first + 1) < 0;
}

/** The lines between the first and the last that differ; null where none does. */
function changedLines(before: string, after: string): Placement | null {
  if (before === after) return null;
  const [old, now] = [before, after].map((text) => text.split(/(?<=\n)/)) as [string[], string[]];
  const isSame = (a: string | undefined, b: string | undefined) =>
    a !== undefined && b !== undefined && a.replace(/\r?\n$/, '\n') === b.replace(/\r?\n$/, '\n');
  let [head, tail] = [0, 0];
  while (isSame(old[head], now[head])) head++;
  while (tail < Math.min(old.length, now.length) - head && isSame(old.at(-1 - tail), now.at(-1 - tail))) tail++;
  const length = (lines: string[]) => lines.reduce((sum, line) => sum + line.length, 0);
  const start = length(old.slice(0, head));
  const end = before.length - length(old.slice(old.length - tail));
  const text = now.slice(head, now.length - tail).join('');
  return start === end && text === '' ? null : { start, end, text: withEndsOf(before, start, text) };
}
