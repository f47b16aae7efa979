import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from '../../adapters/git/trees.ts';
import { languageOf, parseSource } from '../../adapters/parsers/parse.ts';
import type { ReplayLanguage } from '../../adapters/replay/languages.ts';
import { keyOf } from '../../domain/replay/contract.ts';
import type { EditedFunction } from '../../domain/replay/coverage.ts';
import { hasWord, type SourceFunction } from '../../domain/source/function.ts';
import { functionsTouched, type SourceText } from '../../domain/source/touched.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { isSame, walk } from '../trees/built-tree.ts';
import type { RunnableTree } from '../trees/runnable-tree.ts';

const maxFiles = 300;
const maxChars = 256 * 1024;

/** Modules by path, with what a parser read in them. */
export type Modules = ReadonlyMap<string, SourceText>;

/** Reads the modules of a runnable tree that a candidate may change, or that a build made of such. */
export async function readModules(loop: OpenLoop, { tree }: RunnableTree, language: ReplayLanguage): Promise<Modules> {
  const isInGit = new Set((await listFiles(loop.clone, loop.plan.baseSha)).map(({ path }) => path));
  const modules = new Map<string, SourceText>();
  for (const [path, kind] of await walk(tree)) {
    const known = languageOf(path);
    if (kind !== 'file' || known === null || !language.languages.includes(known)) continue;
    if (isInGit.has(path) && !loop.isEditable(path)) continue;
    const module = await readModule(tree, path);
    if (module && modules.size < maxFiles) modules.set(path, module);
  }
  return modules;
}

/** @returns null for what no parser reads */
async function readModule(tree: string, path: string): Promise<SourceText | null> {
  const text = await readFile(join(tree, path), 'utf8').catch(() => null);
  if (text === null || text.length > maxChars) return null;
  const parsed = await parseSource(path, text);
  return parsed && { text, parsed };
}

/** Rewrites modules so that they offer their functions. */
export function rewritten(modules: Modules, { rewrite }: ReplayLanguage): Map<string, string> {
  return new Map([...modules].map(([path, { text, parsed }]) => [path, rewrite(path, text, parsed)]));
}

export interface Change {
  /** The modules as the candidate has them; without those that no parser reads any more. */
  modules: Modules;
  edited: EditedFunction[];
  /** Keys of functions that the candidate has no longer, or elsewhere, or in another form: they cannot be compared. */
  gone: Set<string>;
}

/** Finds the changed modules and functions of a candidate. */
export async function findChange(base: Modules, baseTree: string, candidateTree: string): Promise<Change> {
  const modules = new Map(base);
  const change: Change = { modules, edited: [], gone: new Set() };
  for (const [file, before] of base) {
    if (await isSame(join(baseTree, file), join(candidateTree, file))) continue;
    const after = await readModule(candidateTree, file);
    if (after) modules.set(file, after);
    else modules.delete(file);
    const touched = after && functionsTouched(before, after);
    const names = new Set(touched?.edited.map((one) => one.before.name));
    const removed = new Set(touched?.removed ?? before.parsed.functions.map(({ name }) => name));
    for (const source of before.parsed.functions)
      if (removed.has(source.name) && !mayExport(after, source)) change.gone.add(keyOf({ file, name: source.name }));
    for (const one of touched?.edited ?? [])
      if (hasOtherForm(one.before, one.after)) change.gone.add(keyOf({ file, name: one.before.name }));
    // A constant at the top of a module may steer every function of it.
    const isEdited = (name: string) => !touched || touched.outside || names.has(name) || removed.has(name);
    const edited = before.parsed.functions.filter(({ name }) => isEdited(name));
    change.edited.push(...edited.map((source) => ({ file, name: source.name, source })));
  }
  return change;
}

/** Tells if a module may still export what its functions lack by name: other code in its place answers as it did. */
function mayExport(after: SourceText | null, { name, exported }: SourceFunction): boolean {
  if (exported !== name) return false;
  return after === null || /\bexport\s*\*/.test(after.text) || hasWord(after.text, name);
}

/** An inner function may take other arguments than before, if all its callers give them. */
function hasOtherForm(before: SourceFunction, { parameters }: SourceFunction): boolean {
  return before.exported === null && String(before.parameters) !== String(parameters);
}
