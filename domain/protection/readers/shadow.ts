/** Paths of files that are not editable, by each name that they can be asked for by; no new file may take one. */
export type ImportableNames = ReadonlyMap<string, string>;

/** Endings that a name in an import may leave out, and those that Python or Node.js look for in their place. */
const loadable = /(\.d)?\.([cm]?[jt]sx?|json|node|py|pyi|pyw|pyc|pyx|wasm|rb|php|lua)$/i;
/** "x.cpython-311-x86_64-linux-gnu.so" is the module x. */
const native = /(\.[^./]+)?\.(so|pyd|dll|dylib)$/i;
/** Files that stand for their directory. */
const entry = /\/((index|__init__|__main__)(\.[^/]*)?|package\.json)$/i;

export function importableNames(paths: Iterable<string>): ImportableNames {
  const importable = new Map<string, string>();
  for (const path of paths) for (const name of names(path)) importable.set(name, importable.get(name) ?? path);
  return importable;
}

/** Returns the protected file that a new file would be loaded in place of; null for none. */
export function shadows(path: string, importable: ImportableNames): string | null {
  const known = names(path).map((name) => importable.get(name));
  return known.find((other) => other !== undefined && other !== path) ?? null;
}

/** Lower-case names that a path can be asked for by: itself, without its ending, and the directory it stands for. */
function names(path: string): string[] {
  const lower = path.toLowerCase();
  const stem = lower.replace(native, '').replace(loadable, '');
  const directory = lower.replace(entry, '');
  return [...new Set([lower, stem, ...(directory === lower ? [] : [directory])])];
}
