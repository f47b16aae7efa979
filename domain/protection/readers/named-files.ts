import { sources } from './command-files.ts';
import { joinPath } from './command-words.ts';

/** By a file, the files that its text names. */
export type NamedFiles = ReadonlyMap<string, readonly string[]>;

/**
 * The files of a base that texts of it name, but for sources of programs, which are what is improved: data that a test reads, scripts that a script or a
 * recipe runs. By their path from the text's own directory or from the top, or by a name with an ending that few files have, since a path may be
 * put together. Best effort: a name that is computed is not found.
 */
export function namedFiles(texts: Iterable<{ path: string; text: string }>, paths: Iterable<string>): NamedFiles {
  const data = new Set([...paths].filter((path) => !sources.test(path)));
  const byName = new Map<string, string[]>();
  for (const path of data) byName.set(nameOf(path), [...(byName.get(nameOf(path)) ?? []), path]);
  const found = new Map<string, string[]>();
  for (const { path, text } of texts) {
    const directory = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const named = new Set<string>();
    for (const whole of new Set(text.match(/[\w@%+,.~/-]+/g))) {
      // Of a recipe: "@" and the like say how make runs it.
      const word = whole.replace(/^[@+-]+/, '');
      const places = [joinPath(directory, word), joinPath('', word)].filter(
        (place) => place !== null && data.has(place),
      ) as string[];
      const others = /.\.\w+$/.test(word) ? (byName.get(nameOf(word)) ?? []) : [];
      for (const place of [...places, ...(others.length <= mostOfOneName ? others : [])])
        if (place !== path) named.add(place);
    }
    if (named.size > 0) found.set(path, [...named]);
  }
  return found;
}

const mostOfOneName = 5;

/** What these name, what that names in turn, and so on. */
export function reachedBy(named: NamedFiles, isFrom: (path: string) => boolean): Set<string> {
  const reached = new Set<string>();
  const open = [...named.keys()].filter(isFrom);
  for (let path = open.pop(); path !== undefined; path = open.pop())
    for (const next of named.get(path) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  return reached;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
