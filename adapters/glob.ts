import picomatch from 'picomatch';

/** Whether a path matches a glob; names with a leading dot only where the glob says so. */
export function matchesGlob(path: string, glob: string): boolean {
  return picomatch.isMatch(path, glob);
}
