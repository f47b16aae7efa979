import { standardModules } from './python-modules.ts';

/** Names by which protected files and modules are imported; a new file may not take one. */
export interface ImportableNames {
  /** Paths of files that are not editable, by each name that they can be asked for by. */
  protectedPaths: ReadonlyMap<string, string>;
  /** Python modules that these import or that commands run, as paths ("a", "a/b"). */
  imported: ReadonlySet<string>;
}

/** Endings that a name in an import may leave out, and those that Python or Node.js look for in their place. */
const loadable = /(\.d)?\.([cm]?[jt]sx?|json|node|py|pyi|pyw|pyc|pyx|wasm|rb|php|lua)$/i;
/** "x.cpython-311-x86_64-linux-gnu.so" is the module x. */
const native = /(\.[^./]+)?\.(so|pyd|dll|dylib)$/i;
/** Files that stand for their directory. */
const entry = /\/((index|__init__|__main__)(\.[^/]*)?|package\.json)$/i;

/** @param paths files that are not editable @param imported by the Python files among them, or run by name */
export function importableNames(paths: Iterable<string>, imported: Iterable<string>): ImportableNames {
  const protectedPaths = new Map<string, string>();
  for (const path of paths) for (const name of names(path)) protectedPaths.set(name, protectedPaths.get(name) ?? path);
  return { protectedPaths, imported: new Set(imported) };
}

/** Names the protected file or module that a new file would be loaded in place of, in a few words; null for none. */
export function shadows(path: string, { protectedPaths, imported }: ImportableNames): string | null {
  for (const name of names(path)) {
    const known = protectedPaths.get(name);
    if (known !== undefined && known !== path) return `${JSON.stringify(known)}, which comes from the base`;
  }
  const module = pythonModule(path);
  if (module === null) return null;
  const parts = module.split('/');
  if (standardModules.has(parts.at(-1)!)) return `Python's own module ${JSON.stringify(parts.at(-1))}`;
  const asked = parts.map((_, index) => parts.slice(index).join('/')).find((name) => imported.has(name));
  return asked === undefined
    ? null
    : `the module ${JSON.stringify(asked.replaceAll('/', '.'))}, which a file of the base or a command imports`;
}

/** Lower-case names that a path can be asked for by: itself, without its ending, and the directory it stands for. */
function names(path: string): string[] {
  const lower = path.toLowerCase();
  const stem = lower.replace(native, '').replace(loadable, '');
  const directory = lower.replace(entry, '');
  return [...new Set([lower, stem, ...(directory === lower ? [] : [directory])])];
}

function pythonModule(path: string): string | null {
  if (!/\.(py|pyw|pyc|pyx|so|pyd)$/i.test(path)) return null;
  const stem = path.replace(native, '').replace(loadable, '');
  return stem.replace(/\/__(init|main)__$/, '');
}
