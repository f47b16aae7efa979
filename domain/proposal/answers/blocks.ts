import { fileIn } from './file-name.ts';
import { onlyPlace } from './only-place.ts';
import type { Shown } from '../form.ts';
import type { ReadEdit } from './settle.ts';
import type { ParseResult } from '../../config/problems.ts';

/** Marks of a block: seven characters, some more or less, and the word that the questions ask for, or git's. */
const search =
  /^[ \t>]{0,40}(?:<{5,9}|-{5,9}) {0,2}(?:SEARCH|ORIGINAL|HEAD|OLD)\b|^<{7}\s{0,9}$|^<{3,4} ?SEARCH\s{0,9}$/i;
const middle = /^[ \t>]{0,40}={3,9} {0,2}(?:REPLACE|WITH|NEW)?\s{0,9}$/i;
const end =
  /^[ \t>]{0,40}(?:>{5,9}|\+{5,9}) {0,2}(?:REPLACE|UPDATED|NEW|MODIFIED|END)\b|^>{7}(?: [\w./-]{1,60})?\s{0,9}$|^>{3,4} ?REPLACE\s{0,9}$/i;

/** One more than a hypothesis may have. */
const maxBlocks = 21;

/** Reads search/replace blocks. Null: the answer has none. */
export function readBlocks(text: string, shown: Shown): ParseResult<ReadEdit[]> | null {
  const lines = text.split('\n');
  const edits: ReadEdit[] = [];
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
    const block = withoutPlace(lines.slice(index + 1, close));
    const cuts = dividers(block, lines[index]!.replace(/[^<-]/g, '').length);
    if (cuts.length !== 1)
      return refuse(`has a search/replace block with ${cuts.length} lines "======="; one must part old and new text`);
    const old = block.slice(0, cuts[0]).join('\n');
    const replace = block.slice(cuts[0]! + 1).join('\n');
    const target =
      (old.trim() === '' ? newFile(lines.slice(Math.max(from, index - 3), index)) : null) ??
      file ??
      onlyPlace(old, shown);
    if (target === null)
      return refuse('has a search/replace block without the name of its file; write the path in the line before it');
    edits.push(
      old.trim() === ''
        ? { file: target, content: `${replace}\n`, isWithoutPlace: true }
        : { file: target, search: old, replace, line: 0 },
    );
    [index, from] = [close, close + 1];
  }
  return edits.length > 0 ? { ok: true, value: edits } : null;
}

/** Longest answer that is looked through for old and new text in other marks, and longest such text. */
const [maxMarked, maxPart] = [100_000, 10_000];
const part = String.raw`\n?([^]{0,${maxPart}}?)\n?[ \t]*`;
const fence = '[ \\t]*```[ \\t]*';
const tags = new RegExp(`<(search|find|old|original)>${part}</\\1>\\s*<(replace|new|updated)>${part}</\\3>`, 'gi');
const labels = ['search|find|before|old|original|current', 'replace|replace with|with|after|new|updated'].map(
  (words) => String.raw`^\W{0,9}(${words})\W{0,9}\n\s*?${fence}[\w.+-]*\n${part}${fence}$`,
);
const labelled = new RegExp(labels.join('\\s*'), 'gim');

/** Reads old and new text in tags of their own, or in fences below words such as "Before:" and "After:". */
export function readPairs(text: string, shown: Shown): ParseResult<ReadEdit[]> | null {
  if (text.length > maxMarked) return null;
  const block = '\n<<<<<<< SEARCH\n$2\n=======\n$4\n>>>>>>> REPLACE';
  const blocks = text.replace(tags, block).replace(labelled, block);
  return blocks === text ? null : readBlocks(blocks, shown);
}

/** Takes off the numbers of lines that some tools ask for. */
function withoutPlace(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !/^:(?:start|end)_line:/.test(line));
  return lines.slice(first > 0 && /^-{5,9}$/.test(lines[first]!) ? first + 1 : Math.max(0, first));
}

/** Lines that may part old and new text; where the text has such lines too, the one as long as the marks, or in the middle. */
function dividers(block: readonly string[], length: number): number[] {
  const all = block.flatMap((line, index) => (middle.test(line) ? [index] : []));
  const equal = all.filter((at) => block[at]!.replace(/[^=]/g, '').length === length);
  if (all.length < 2 || equal.length === 1) return all.length < 2 ? all : equal;
  return equal.length % 2 === 1 ? [equal[(equal.length - 1) / 2]!] : equal;
}

/** A path that stands alone above a block, of a file that is not there yet. */
function newFile(lines: readonly string[]): string | null {
  const plain = lines.map((line) => line.replace(/^[\s#*`]{0,20}(?:file:)?\s{0,3}|[\s*`:]{1,20}$/gi, ''));
  return plain.findLast((line) => /^[^\s/]\S*\/\S*\.\w{1,10}$/.test(line)) ?? null;
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
