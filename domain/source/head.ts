import type { SourceFile } from './function.ts';

/** Lines of a function that can be written from its header alone. */
const maxLines = 40;

/** The comment and the header of a function without its body; null where these do not tell what it is to do. */
export function headOf({ content, parsed }: SourceFile, start: number): string | null {
  const found = parsed?.functions.find(({ range }) => range.start === start);
  if (!found?.body || found.usesThis || found.end - found.start >= maxLines) return null;
  const above = commentBefore(content.slice(0, start));
  // A parser counts Python's docstring as part of the header.
  const header = content.slice(start, found.body.start).trimEnd();
  return above === '' && !/["']$/.test(header) ? null : `${above}${header}`;
}

/** The lines of a comment that end a text, and the words of a declaration behind them, such as "export". */
function commentBefore(text: string): string {
  const lines = text.split('\n');
  const words = lines.pop() ?? '';
  if (!/^[\w\s]*$/.test(words)) return '';
  let from = lines.length;
  while (from > 0 && /^\s*(?:\/\/|\/\*|\*|#(?!include|!|\[))/.test(lines[from - 1]!)) from--;
  const comment = lines.slice(from).map((line) => `${line.trimStart()}\n`);
  return comment.length === 0 ? '' : `${comment.join('')}${words.trimStart()}`;
}
