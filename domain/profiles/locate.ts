import { treeMount } from '../names.ts';

/** A function in a profile, as its profiler names it. The program may have forged it. */
export interface Frame {
  name: string;
  /** As the profiler gives it; "" where it knows none. */
  path: string;
  /** 1-based; 0 where the profiler knows none. */
  line: number;
}

/** Name of a frame for code outside of functions, as Python has it. */
export const wholeModule = '<module>';

/** A frame of an editable file. */
export interface Located {
  file: string;
  name: string;
  /** 1-based, or null. */
  line: number | null;
}

/** Finds the editable file of a frame; null for all other code. */
export type Locate = (frame: Frame) => Located | null;

/** A function where a source defines it, by its last name. */
export type Definitions = ReadonlyMap<string, readonly { file: string; line: number }[]>;

/** The tree in the sandbox, and its copy in a run without one. */
const root = new RegExp(`^(?:${treeMount}|/.*/karpathy-loop-run-[^/]+/repo)/`);

/**
 * @param definitions of editable files, for profilers that know no files, and for files made of editable ones
 * @param isMade tells if a build made the file of this path
 */
export function createLocate(
  isEditable: (path: string) => boolean,
  definitions: Definitions = new Map(),
  isMade: (path: string) => boolean = () => false,
): Locate {
  return ({ path, name, line }) => {
    const plain = path.startsWith('file://') ? decoded(path.slice('file://'.length)) : path;
    const inTree = plain.replace(root, '');
    const file = fileOf(inTree.replace(/^(?:\.\.?\/)+/, ''), isEditable);
    if (file !== null) return { file, name, line: line || null };
    if (path === '' || path === '???') return defined(name, definitions);
    if (inTree === plain || !isMade(inTree)) return null;
    const found = definitions.get(name) ?? [];
    // Take the last overload, which has the body.
    const last = found.at(-1);
    return last && found.every(({ file }) => file === last.file) ? { ...last, name } : null;
  };
}

function fileOf(inTree: string, isEditable: (path: string) => boolean): string | null {
  if (isEditable(inTree)) return inTree;
  // Go names a file by its module where a build trims paths: "example.org/words/count.go".
  if (!/^[\w-]+(?:\.[\w-]+)+\//.test(inTree)) return null;
  const parts = inTree.split('/');
  return parts.map((_, index) => parts.slice(index).join('/')).find((end) => isEditable(end)) ?? null;
}

export function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** Splits a name of any language: "<a::B as c::D>::next", "a.(*B).next", "a::B<T>::next(int)". */
export function partsOfName(name: string): string[] {
  const bare = name
    .slice(0, 1_000)
    .replace(/ as [^>]*>/g, '>')
    .replace(/\{\{?[^}]*\}?\}|<locals>|\[[^\]]*\]|\bfunc\d+\b(?:\.\d+)*/g, '')
    .replace(/\(\*?([\w$.]*)\)/g, '$1')
    .replace(/\(.*$/s, '');
  return bare.match(/[\p{ID_Start}$_~#][\p{ID_Continue}$]*/gu) ?? [];
}

const libraries = new Set(['std', 'core', 'alloc', 'hashbrown', '__gnu_cxx']);
/** Files that bear the name of what holds them, or none. */
const nameless = new Set(['lib', 'main', 'mod', 'index']);

/** Takes a function's only definition, or the only one whose file another part of its name tells. */
function defined(name: string, definitions: Definitions): Located | null {
  const parts = partsOfName(name.replace(/<[^<>]*>(?!::)/g, ''));
  const own = parts.at(-1);
  const found = own === undefined ? [] : (definitions.get(own) ?? []);
  if (own === undefined || found.length === 0 || libraries.has(parts[0]!)) return null;
  const holders = parts.slice(0, -1);
  const told = ({ file }: { file: string }) => {
    const names = file.replace(/\.\w+$/, '').split('/');
    return names.some((one) => holders.includes(one)) || nameless.has(names.at(-1)!);
  };
  const fit = holders.length === 0 || !name.includes('::') ? found : found.filter(told);
  return fit.length === 1 ? { ...fit[0]!, name } : null;
}

const keyword = /\b(?:fn|func|def|function|fun|sub)\s+(?:\([^)]*\)\s*)?([\w$]+)/;
/** "const next = (": an arrow function, or one without a name. */
const assigned =
  /\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=]*)?=\s*(?:async\s*)?(?:function\b|(?:<.*>\s*)?\((?:.*=>|$)|<$|[\w$]+\s*=>)/;
/** "static int next(", where nothing says that a function begins. */
const typed = /^(?!\s*(?:return|else|new|using|typedef)\b)\s*[A-Za-z_][^;=."{}]*[\s*&:]~?(\w+)\s*$/;

/** Finds what looks like definitions of functions, for profiles that name no files. */
export function definitionsIn(sources: Iterable<{ file: string; text: string }>): Definitions {
  const found = new Map<string, { file: string; line: number }[]>();
  for (const { file, text } of sources)
    text.split('\n').forEach((line, index) => {
      const name = line.length > 500 ? undefined : definedIn(line);
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), { file, line: index + 1 }]);
    });
  return found;
}

function definedIn(line: string): string | undefined {
  const [, named] = keyword.exec(line) ?? assigned.exec(line) ?? [];
  const bracket = line.indexOf('(');
  if (named !== undefined || bracket < 0 || /;\s*$/.test(line)) return named;
  return typed.exec(line.slice(0, bracket))?.[1];
}
