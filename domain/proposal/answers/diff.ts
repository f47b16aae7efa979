import { fileIn, fileNamed, plainPath } from './file-name.ts';
import type { MarkedText } from './fences.ts';
import { onlyPlace } from './only-place.ts';
import type { Shown } from '../form.ts';
import type { ReadEdit } from './settle.ts';
import type { ParseResult } from '../../config/problems.ts';

/** Reads a unified diff, or a patch in the form of "*** Update File". Null: the answer has none. */
export function readDiff(text: string, { fences }: MarkedText, shown: Shown): ParseResult<ReadEdit[]> | null {
  const marked = fences.filter(({ info }) => /^(diff|patch|udiff)\b/i.test(info));
  const isBare = /^(@@ |diff --git |\*\*\* Begin Patch)|^--- .*\n\+\+\+ /m;
  const diffs = marked.length > 0 ? marked : fences.filter(({ code }) => isBare.test(code));
  const parts =
    diffs.length > 0 ? diffs : isBare.test(text) ? [{ code: bare(text.slice(text.search(isBare))), above: '' }] : [];
  if (parts.length === 0) return null;
  const hunks: ReadEdit[] = [];
  for (const { code, above } of parts) {
    const read = readHunks(
      code.split('\n'),
      fileIn(
        above,
        shown.files.map(({ path }) => path),
      ),
      shown,
    );
    if (!read.ok) return read;
    hunks.push(...read.value);
  }
  const change = 'has a diff without a changed line; write lines that go with "-" and new ones with "+"';
  return hunks.length > 0 ? { ok: true, value: hunks } : { ok: false, problems: [`answer: ${change}`] };
}

/** A diff between words ends before the first line that can be no part of it. */
function bare(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !/^([-+ @*\\\t]|diff |index |$)/.test(line));
  return lines.slice(0, end < 0 ? lines.length : end).join('\n');
}

function readHunks(lines: readonly string[], named: string | null, shown: Shown): ParseResult<ReadEdit[]> {
  const hunks: ReadEdit[] = [];
  let [file, line, isNew, problem] = [named, 0, false, null as string | null];
  let open: string[] = [];
  const close = () => {
    const old = open
      .filter((one) => !one.startsWith('+'))
      .map(content)
      .join('\n');
    const replace = open
      .filter((one) => !one.startsWith('-'))
      .map(content)
      .join('\n');
    if (open.some((one) => /^[-+]/.test(one))) {
      const target = file ?? onlyPlace(old, shown);
      if (target === null)
        problem ??= 'has a diff without the name of its file; begin with "--- a/path" and "+++ b/path"';
      else if (isNew) hunks.push({ file: target, content: `${replace}\n` });
      else if (old.trim() === '')
        problem ??= 'has a diff that shows no line of the file; show some lines before and after the change';
      else hunks.push({ file: target, search: old, replace, line });
    }
    [open, line] = [[], 0];
  };
  const paths = shown.files.map((one) => one.path);
  for (const [index, text] of lines.entries()) {
    const path = headerPath(text, lines[index + 1] ?? '', paths);
    if (path !== null) {
      close();
      isNew = /^\*\*\* Add|^--- \/dev\/null/.test(text) || (isNew && text.startsWith('+++'));
      if (/^\/dev\/null/.test(path) || text.startsWith('*** Delete'))
        problem ??= 'deletes a file, which no edit can do; leave it';
      file = path === '' ? file : (fileIn(path, paths) ?? plainPath(path.replace(/^b\//, '')));
    } else if (/^(?:rename to|\*\*\* Move to:) /.test(text)) {
      problem ??= 'renames a file, which no edit can do; leave its name';
    } else if (/^(@@|diff --git |index [0-9a-f]|\*\*\* |\\ No newline|\.\.\.\s*$)/.test(text)) {
      if (!text.startsWith('\\')) close();
      line = Number(/^@@ -(\d{1,7})/.exec(text)?.[1] ?? 0);
    } else open.push(text);
  }
  while (open.at(-1)?.trim() === '') open.pop();
  close();
  return problem === null ? { ok: true, value: hunks } : { ok: false, problems: [`answer: ${problem}`] };
}

/** The file that a line names as the one that changes; empty for the first of two such lines, null for another line. */
function headerPath(line: string, next: string, paths: readonly string[]): string | null {
  const [, file] = /^\*\*\* (?:Update|Add|Delete) File: {0,3}(\S.*)$/.exec(line) ?? [];
  if (file !== undefined) return file;
  const [, mark, name = ''] = /^(\+\+\+|---) {1,3}(\S[^\t]*)/.exec(line) ?? [];
  // A line of code may begin with "++" or "--" too.
  const isFile = (text: string) =>
    /^(?:"?[ab]\/|\/dev\/null|[^\s;(){}=]+\.\w+(?:\s|$))/.test(text) || fileNamed(text, paths) !== null;
  if (mark === '---' && next.startsWith('+++ ')) return isFile(next.slice(4).trim()) ? '' : null;
  return (mark === '+++' || (mark === '---' && next.startsWith('@@'))) && isFile(name) ? name : null;
}

/** Without its mark; a line that lost its own is context as it stands. */
function content(line: string): string {
  return /^[-+ ]/.test(line) ? line.slice(1) : line;
}
