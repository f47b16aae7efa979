import { joinPath } from './command-words.ts';

/** Facts about the paths of the base. */
export interface ImportTarget {
  /** As in an `EditTarget`. */
  protection: (path: string) => string | null;
  exists: (path: string) => Promise<boolean>;
}

/**
 * Returns the first protected file that the new text imports and the old text did not; else null. A candidate could
 * patch such a file. Best effort: computed names are not followed.
 * @param before null: no such file
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
    for (const path of read === pythonImports ? pythonFiles(reached) : scriptFiles(reached))
      if (path !== file && judging.has(target.protection(path) ?? '') && (await target.exists(path))) return path;
  }
  return null;
}

/** Manifests, libraries and configurations judge nothing by themselves. */
const judging: ReadonlySet<string> = new Set(['a test', 'a benchmark', "named by the loop's commands"]);

/**
 * Finds relative paths between quotes, whatever they are used for. Strings side by side are also read as one. Cut at
 * every quote, so that no stray quote hides the rest.
 */
function literalPaths(file: string, text: string): Set<string> {
  const directory = directoryOf(file);
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
    (_all, x?: string, u?: string, long?: string, other?: string) =>
      other === undefined ? String.fromCodePoint(parseInt((x ?? u ?? long)!, 16)) : other,
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
    ...endings.map((ending) => `${path}.${ending}`),
    ...endings.map((ending) => `${path}/index.${ending}`),
  ];
}

function pythonFiles(path: string): string[] {
  return [`${path}.py`, `${path}/__init__.py`];
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
  const whole = text.replace(/\\\r?\n/g, ' ').replace(/#[^\n]*/g, '');
  for (const [, module, names] of whole.matchAll(
    /\bfrom[ \t]*([\w.]{1,200})[ \t]*\bimport\b[ \t]*(\([^()]*\)|[\w., \t]*)/g,
  )) {
    add(module!);
    const prefix = module!.endsWith('.') ? module! : `${module!}.`;
    for (const name of names!.split(',')) if (/\w/.test(name)) add(prefix + /\w+/.exec(name)![0]);
  }
  for (const [, list] of whole.matchAll(/(?:^|[;:])[ \t]*import[ \t]+([\w., \t]*)/gm))
    for (const one of list!.split(',')) if (/[\w]/.test(one)) add(/[\w.]+/.exec(one)![0]);
  for (const [, module] of whole.matchAll(/\b(?:import_module|__import__|run_module)\(\s*['"]([\w.]+)['"]/g))
    add(module!);
  return found;
}

/** Nearest first; the last is "", the top. */
function parentsOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), ''];
}

function directoryOf(file: string): string {
  return parentsOf(file)[0]!;
}
