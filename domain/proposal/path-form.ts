const maxPathLength = 400;
const maxPartBytes = 200;
const maxParts = 32;

/** Says why a path is refused by its form, or null. Strict, since a commit may be checked out on any system. */
export function pathProblem(path: string): string | null {
  const parts = path.split('/');
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\\]/u.test(path) || /(?! )\p{Zs}/u.test(path))
    return 'has a control, invisible or backslash character';
  if (path.startsWith('/') || parts.includes('..') || parts.includes('.') || parts.includes(''))
    return 'is not a plain path inside the repository';
  if (parts.some((part) => part.startsWith('-') || /^ |[. ]$/.test(part)))
    return 'has a part that starts with "-" or a space, or ends with "." or a space';
  if (parts.some(isGit)) return "reaches into git's own files";
  if (/[<>:"|?*]/.test(path)) return 'has one of < > : " | ? *, which not every system takes';
  if (parts.some((part) => /^[^.]{1,8}~[0-9]{1,6}(\.[^.]{0,3})?$/.test(part)))
    return 'looks like the short form of another name';
  if (
    path.length > maxPathLength ||
    parts.length > maxParts ||
    parts.some((part) => new TextEncoder().encode(part).length > maxPartBytes)
  )
    return 'is too long';
  return null;
}

/** The same of a path at which nothing is yet: a name that is a device on Windows is refused too, with any ending. */
export function newPathProblem(path: string): string | null {
  const isDevice = path
    .split('/')
    .some((part) => /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)/i.test(part));
  return isDevice ? 'is the name of a device on Windows' : null;
}

/** Folds a name as systems do for which case and Unicode's forms do not count. */
export function foldedPath(path: string): string {
  return path.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Tells if one path is, or lies below, the other, also where case and Unicode's forms do not count. */
export function isOnOneLine(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => {
    const parts = foldedPath(path).split('/');
    return `${parts.filter((part) => part !== '' && part !== '.').join('/')}/`;
  }) as [string, string];
  return a.startsWith(b) || b.startsWith(a);
}

function isGit(part: string): boolean {
  return /^(\.git|git~[0-9])/.test(foldedPath(part));
}

/** Paths and the directories above them, by how they are known where case and Unicode's forms do not count. */
export function foldedNames(paths: Iterable<string>): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    for (const name of withParents(path)) {
      const folded = foldedPath(name);
      names.set(folded, (names.get(folded) ?? new Set()).add(name));
    }
  }
  return names;
}

/** Returns a known name that to some systems is this path, or one above it, in other letters; else null. */
export function foldingClash(path: string, names: ReadonlyMap<string, ReadonlySet<string>>): string | null {
  for (const name of withParents(path)) {
    const known = names.get(foldedPath(name));
    if (known && !known.has(name)) return [...known][0]!;
  }
  return null;
}

/** "a/b/c": "a", "a/b", "a/b/c". */
function withParents(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
