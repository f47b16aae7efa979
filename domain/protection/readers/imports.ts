import { joinPath } from './command-words.ts';
import { namedModules } from './python-modules.ts';

/** Facts about the paths of the base. */
export interface ImportTarget {
  /** As in an `EditTarget`. */
  protection: (path: string) => string | null;
  exists: (path: string) => Promise<boolean>;
}

/**
 * Returns the first protected file that the new text imports and the old text (null: no such file) did not; else null.
 * Best effort: computed names are not followed.
 */
export async function newlyImportedProtected(
  file: string,
  before: string | null,
  after: string,
  target: ImportTarget,
): Promise<string | null> {
  const read = /\.pyi?$/i.test(file) ? pythonImports : literalPaths;
  const known = read(file, before ?? '');
  for (const reached of read(file, after)) {
    if (known.has(reached)) continue;
    for (const path of read === pythonImports ? [`${reached}.py`, `${reached}/__init__.py`] : scriptFiles(reached))
      if (path !== file && judging.has(target.protection(path) ?? '') && (await target.exists(path))) return path;
  }
  return null;
}

/** Manifests, libraries and configurations judge nothing by themselves. */
const judging: ReadonlySet<string> = new Set(['a test', 'a benchmark', "named by the loop's commands"]);

/** Finds relative paths between quotes, also of strings side by side. Every quote cuts, so that none hides the rest. */
function literalPaths(file: string, text: string): Set<string> {
  const directory = parentsOf(file)[0]!;
  const whole = text.replace(/\\\r?\n/g, '').replace(/['"`]\s*\+\s*['"`]/g, '');
  const found = new Set<string>();
  const add = (specifier: string) => {
    const path = joinPath(directory, specifier.replace(/^\//, ''));
    if (path) found.add(path);
  };
  for (const one of [whole, whole.replace(/['"`]\s*,\s*['"`]/g, '/')])
    for (const piece of one.split(/['"`}\n]/)) {
      const specifier = plain(piece);
      if (/^\/?\.{1,2}(\/|$)/.test(specifier)) add(specifier);
    }
  for (const [, specifier] of whole.matchAll(/\bURL\(\s*['"`]([^'"`\n:]+)['"`]/g)) add(plain(specifier!));
  return found;
}

/** Without escapes, and without what a URL has behind its path. */
function plain(literal: string): string {
  const text = literal.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,5})\}|(.))/gi,
    (_all, ...[x, u, long, other]: (string | undefined)[]) =>
      other ?? String.fromCodePoint(parseInt((x ?? u ?? long)!, 16)),
  );
  return text
    .replace(/%([0-7][0-9a-f])/gi, (_all, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/[?#][^]*$/, '');
}

const endings = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts', 'tsx', 'jsx', 'json', 'node'];

function scriptFiles(path: string): string[] {
  const sources = /\.[cm]?jsx?$/.test(path) ? [path.replace(/js(x?)$/, 'ts$1'), path.replace(/js$/, 'tsx')] : [];
  return [
    path,
    ...sources,
    ...[`${path}.`, `${path}/index.`].flatMap((stem) => endings.map((ending) => stem + ending)),
  ];
}

/** Modules as paths without ending, below each directory that may be on Python's path. */
function pythonImports(file: string, text: string): Set<string> {
  const found = new Set<string>();
  const add = (module: string) => {
    const [, dots = '', name = ''] = /^(\.*)(.*)$/.exec(module)!;
    const directories = dots ? [parentsOf(file)[dots.length - 1]] : parentsOf(file);
    for (const directory of directories)
      if (directory !== undefined) found.add([directory, ...name.split('.')].filter((part) => part !== '').join('/'));
  };
  namedModules(text).forEach(add);
  return found;
}

/** Nearest first; the last is "", the top. */
function parentsOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), ''];
}
