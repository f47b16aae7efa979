import picomatch from 'picomatch';

/** Compiled, the oldest first: to compile costs a hundred times a match. */
const matchers = new Map<string, (path: string) => boolean>();
const mostMatchers = 1_000;

/** Whether a path matches a glob; names with a leading dot only where the glob says so. */
export function matchesGlob(path: string, glob: string): boolean {
  let matcher = matchers.get(glob);
  if (!matcher) {
    if (matchers.size >= mostMatchers) matchers.delete(matchers.keys().next().value!);
    matcher = picomatch(glob);
    matchers.set(glob, matcher);
  }
  return matcher(path);
}
