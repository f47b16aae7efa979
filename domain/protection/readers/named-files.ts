import { joinPath } from './command-words.ts';
import { sources } from './programs.ts';

/** Files named by the text of each file. */
export type NamedFiles = ReadonlyMap<string, readonly string[]>;

/** Finds data and scripts that texts name by path (from their directory or the top), or by a rare file name. */
export function namedFiles(texts: Iterable<{ path: string; text: string }>, paths: Iterable<string>): NamedFiles {
  const data = new Set([...paths].filter((path) => !sources.test(path)));
  const byName = new Map<string, string[]>();
  for (const path of data) byName.set(nameOf(path), [...(byName.get(nameOf(path)) ?? []), path]);
  const found = new Map<string, string[]>();
  for (const { path, text } of texts) {
    const directory = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const named = new Set<string>();
    for (const whole of new Set(text.match(/[\w@%+,.~/-]+/g))) {
      // "@" and the like say how make runs a recipe.
      const word = whole.replace(/^[@+-]+/, '');
      const places = [joinPath(directory, word), joinPath('', word)];
      const others = /.\.\w+$/.test(word) ? (byName.get(nameOf(word)) ?? []) : [];
      for (const place of [...places, ...(others.length <= maxOfOneName ? others : [])])
        if (place !== null && place !== path && data.has(place)) named.add(place);
    }
    if (named.size > 0) found.set(path, [...named]);
  }
  return found;
}

const maxOfOneName = 5;

/** Follows names from file to file. */
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
