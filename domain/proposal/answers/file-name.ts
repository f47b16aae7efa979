import { foldedPath } from '../path-form.ts';

/** Mount point of the repository in the sandbox, as outputs name it. */
const mount = '/repo/';

/** A path as an answer writes it, as one inside the repository: without "./", quotes and the sandbox's mount point. */
export function plainPath(name: string): string {
  let path = name.trim().replace(/^[`'"*@]{1,6}|[`'"*:]{1,6}$/g, '');
  // As compilers and editors name a place: "file:///repo/src/a.js:12:3", "src/a.js#L6-L15", "src/a.js (lines 6-15)".
  path = path
    .replace(/^file:\/\//i, '')
    .replace(/(\.\w{1,10})(?:[:#]L?\d{1,9}(?:[:-]L?\d{1,9})?| \(lines? [\d-]{1,20}\))$/, '$1');
  while (path.startsWith('./')) path = path.slice(2);
  return path.startsWith(mount) ? path.slice(mount.length) : path;
}

/** The file that a name means: its path, else the only one on which an absolute path or a bare name can end; or null. */
export function fileNamed(name: string, files: readonly string[]): string | null {
  const path = plainPath(name);
  const forms = [path, path.replaceAll('\\', '/'), path.replace(/^(?:[ab]|repo)\//, ''), path.replace(/\/{2,}/g, '/')];
  const exact = forms.find((form) => files.includes(form));
  if (exact !== undefined || path === '') return exact ?? null;
  if (path.split(/[/\\]/).includes('..')) return null;
  const isAbsolute = /^(?:\/|~\/|\$\w+\/|\\\\|[A-Za-z]:[\\/])/.test(path);
  const ends = isAbsolute
    ? files.filter((file) => forms[1]!.endsWith(`/${file}`))
    : files.filter((file) => file.endsWith(`/${path}`));
  // A longer path holds a shorter one: "/x/src/a.js" ends on "src/a.js" and on "a.js".
  const longest = isAbsolute ? ends.sort((a, b) => b.length - a.length).slice(0, 1) : ends;
  if (longest.length === 1) return longest[0]!;
  const inOtherLetters = files.filter((file) => foldedPath(file) === foldedPath(path));
  return inOtherLetters.length === 1 ? inOtherLetters[0]! : null;
}

/** The only file that a line of words names, or null. */
export function fileIn(line: string, files: readonly string[]): string | null {
  if (line.length > 1_000) return null;
  const exact = fileNamed(line.replace(/^[#\s*/-]{0,20}(?:file(?:name)?\s{0,3}:)?/i, ''), files);
  if (exact !== null) return exact;
  const parts = line.split(/[\s`*"'(),;<>=[\]]+/).flatMap((word) => [word, ...word.split(':')]);
  const found = new Set(
    parts.filter((part) => /[./\\]/.test(part)).map((part) => fileNamed(part.replace(/[.:]+$/, ''), files)),
  );
  found.delete(null);
  return found.size === 1 ? [...found][0]! : null;
}
