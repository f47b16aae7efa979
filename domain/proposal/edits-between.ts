import type { Edit } from './hypothesis.ts';

/**
 * Returns the smallest edit that turns one text of a file into another; null where they are equal.
 * @param before null where there is no such file
 */
export function editBetween(file: string, before: string | null, after: string): Edit | null {
  if (before === after) return null;
  if (before === null || before === '') return { file, content: after };
  const [old, next] = [linesOf(before), linesOf(after)];
  let [start, end] = sharedEnds(old, next);
  // One line of surroundings at least, so that nothing is searched for that is nothing.
  do {
    start = Math.max(0, start - 1);
    end = Math.max(0, end - 1);
  } while (!isUnique(before, old.slice(start, old.length - end).join('')) && start + end > 0);
  const search = old.slice(start, old.length - end).join('');
  return { file, search, replace: next.slice(start, next.length - end).join('') };
}

/** Numbers of equal lines at the beginning and at the end of both. */
function sharedEnds(old: readonly string[], next: readonly string[]): [start: number, end: number] {
  const most = Math.min(old.length, next.length);
  let start = 0;
  while (start < most && old[start] === next[start]) start++;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === next.at(-1 - end)) end++;
  return [start, end];
}

/** With their line ends. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function isUnique(text: string, part: string): boolean {
  return part !== '' && text.indexOf(part) === text.lastIndexOf(part);
}
