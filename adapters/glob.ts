import { LRUCache } from 'lru-cache';
import picomatch from 'picomatch';

/** To compile costs a hundred times a match. */
const matchers = new LRUCache<string, picomatch.Matcher>({ max: 1_000, memoMethod: (glob) => picomatch(glob) });

/**
 * Tells whether a path matches a glob; names with a leading dot only where the glob says so. Brackets mean themselves too,
 * as in names of routes ("app/(shop)/[...slug]/**").
 */
export function matchesGlob(name: string, written: string): boolean {
  // macOS writes "é" as two characters, and a keyboard as one.
  const [path, glob] = [name.normalize('NFC'), written.normalize('NFC')];
  if (matchers.memo(glob)(path)) return true;
  const literal = glob.replace(/[[\](){}]/g, '\\$&').replace(/[+@?!](?=\\\()/g, '\\$&');
  return literal !== glob && matchers.memo(literal)(path);
}
