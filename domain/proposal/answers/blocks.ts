import { fileIn } from './file-name.ts';
import { onlyPlace } from './only-place.ts';
import type { Shown } from '../form.ts';
import type { LineEdit } from './settle.ts';
import type { ParseResult } from '../../config/problems.ts';

/** Marks of a block: seven characters, some more or less, and the word that the questions ask for, or git's. */
const search = /^[ \t>]{0,40}(?:<{5,9}|-{5,9}) {0,2}(?:SEARCH|ORIGINAL|HEAD|OLD)\b/i;
const middle = /^[ \t>]{0,40}={5,9}\s{0,9}$/;
const end = /^[ \t>]{0,40}(?:>{5,9}|\+{5,9}) {0,2}(?:REPLACE|UPDATED|NEW|MODIFIED|END)\b/i;

/** One more than a hypothesis may have. */
const maxBlocks = 21;

/** Reads search/replace blocks. Null: the answer has none. */
export function readBlocks(text: string, shown: Shown): ParseResult<LineEdit[]> | null {
  const lines = text.split('\n');
  const edits: LineEdit[] = [];
  let [file, from] = [null as string | null, 0];
  for (let index = 0; index < lines.length && edits.length < maxBlocks; index++) {
    if (end.test(lines[index]!))
      return refuse('has the end of a search/replace block without its beginning; print whole blocks');
    if (!search.test(lines[index]!)) continue;
    file = fileAbove(lines.slice(Math.max(from, index - 5), index), shown) ?? file;
    const close = findFrom(lines, index + 1, end);
    const next = findFrom(lines, index + 1, search);
    if (close === null || (next !== null && next < close))
      return refuse(
        'has a search/replace block that does not end; print every block with its last line ">>>>>>> REPLACE"',
      );
    const block = lines.slice(index + 1, close).filter((line) => !/^:(start|end)_line:/.test(line));
    const dividers = block.filter((line) => middle.test(line)).length;
    if (dividers !== 1)
      return refuse(`has a search/replace block with ${dividers} lines "======="; one must part old and new text`);
    const at = block.findIndex((line) => middle.test(line));
    const old = block.slice(0, at).join('\n');
    const replace = block.slice(at + 1).join('\n');
    const target = file ?? onlyPlace(old, shown);
    if (target === null)
      return refuse('has a search/replace block without the name of its file; write the path in the line before it');
    edits.push(
      old.trim() === '' ? { file: target, content: replace } : { file: target, search: old, replace, line: 0 },
    );
    [index, from] = [close, close + 1];
  }
  return edits.length > 0 ? { ok: true, value: edits } : null;
}

/** Of two lines with text right above, the fence among them. */
function fileAbove(lines: readonly string[], { files }: Shown): string | null {
  const paths = files.map(({ path }) => path);
  const near = lines.filter((line) => /[^\s`~]/.test(line)).slice(-2);
  return (
    near
      .reverse()
      .map((line) => fileIn(line, paths))
      .find((path) => path !== null) ?? null
  );
}

function findFrom(lines: readonly string[], from: number, mark: RegExp): number | null {
  for (let index = from; index < lines.length; index++) if (mark.test(lines[index]!)) return index;
  return null;
}

function refuse(problem: string): { ok: false; problems: string[] } {
  return { ok: false, problems: [`answer: ${problem}`] };
}
