import { fileNamed } from './file-name.ts';
import type { Shown } from '../form.ts';

/** Says what is wrong with a text to put in the place of no text, where it would be a file's only one; else null. */
export function problemWithoutPlace(name: string, text: string, { files }: Shown): string | null {
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const path = fileNamed(name, [...contents.keys()]);
  const before = contents.get(path ?? '') ?? '';
  const kept = linesOf(text);
  const lines = [...linesOf(before)].filter((line) => line.length > 3);
  if (lines.length === 0 || lines.some((line) => kept.has(line))) return null;
  return `answer: keeps no line of ${path}; write all of it, or search/replace edits with the lines to replace`;
}

/** Lines without their indentation. */
export function linesOf(text: string): Set<string> {
  return new Set(text.split('\n').map((line) => line.trim()));
}
