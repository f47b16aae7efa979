import { LRUCache } from 'lru-cache';
import picomatch from 'picomatch';

/** To compile costs a hundred times a match. */
const matchers = new LRUCache<string, picomatch.Matcher>({ max: 1_000, memoMethod: (glob) => picomatch(glob) });

/** Tells whether a path matches a glob; names with a leading dot only where the glob says so. */
export function matchesGlob(path: string, glob: string): boolean {
  return matchers.memo(glob)(path);
}
