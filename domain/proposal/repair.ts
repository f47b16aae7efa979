import { fileNamed } from './answers/file-name.ts';
import type { Shown } from './form.ts';
import type { Edit } from './hypothesis.ts';
import { toPlain } from './place.ts';
import { fenced, toBlock, toLine } from '../text.ts';

/** Characters of a failed answer and of what came of it that are shown again. */
const [answerLength, problemLength] = [1_500, 1_000];
/** Lines of an edit that are looked for, and lines of a file that are looked through. */
const [maxSearched, maxLines] = [12, 20_000];

/** The form that is wanted, in one sentence. */
const forms: Record<Shown['form'], (what: string) => string> = {
  rewrite: (what) => `Answer again: one line "Title: …", then ${what} in one code fence, complete, and nothing else.`,
  blocks: () =>
    'Answer again: one line "Title: …", then search/replace blocks with the path in the line before each. Copy the lines to search for exactly.',
  choice: () => 'Answer again with one JSON object {"constant", "value"}.',
};

/** Asks again after an answer that could not be read: what was wrong with it, and which form is wanted. */
export function askAgain(answer: string, problems: readonly string[], { form, target }: Shown): string {
  const what = target?.function ? `the whole function ${toLine(target.function.name, 120)}` : 'the whole file';
  return [
    'Your last answer could not be used:',
    fenced(toBlock(answer, answerLength)),
    `The reason: ${toLine(problems.join('; '), problemLength)}`,
    forms[form](what),
  ].join('\n');
}

/** Shows the lines of the files that edits without a place most resemble; empty where there are none. */
export function nearestText(edits: readonly Edit[], files: Shown['files']): string {
  const shown = edits.flatMap((edit) => {
    const path = fileNamed(
      edit.file,
      files.map((one) => one.path),
    );
    const near =
      path !== null && 'search' in edit
        ? nearestLines(files.find((one) => one.path === path)!.content, edit.search)
        : null;
    return near ? [`The nearest lines of ${toLine(path!, 400)}, from line ${near.line}:\n${fenced(near.text)}`] : [];
  });
  return shown.slice(0, 3).join('\n');
}

/** Finds the lines of a file that have most words in common with a text; null where none has any. */
function nearestLines(content: string, search: string): { line: number; text: string } | null {
  const words = (line: string) => new Set(line.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}]/gu));
  const lines = toPlain(content).text.split('\n').slice(0, maxLines);
  const wanted = search
    .split('\n')
    .map((line) => line.slice(0, 400))
    .filter((line) => line.trim() !== '')
    .slice(0, maxSearched)
    .map(words);
  const known = lines.map((line) => words(line.slice(0, 400)));
  const likeness = (a: Set<string> | undefined, b: Set<string>) =>
    a ? [...b].filter((word) => a.has(word)).length / Math.max(a.size, b.size, 1) : 0;
  let best = { line: 0, score: 0 };
  for (const index of lines.keys()) {
    const score = wanted.reduce((sum, one, offset) => sum + likeness(known[index + offset], one), 0);
    if (score > best.score) best = { line: index, score };
  }
  if (best.score === 0) return null;
  return {
    line: best.line + 1,
    text: toBlock(lines.slice(best.line, best.line + wanted.length + 2).join('\n'), answerLength),
  };
}
