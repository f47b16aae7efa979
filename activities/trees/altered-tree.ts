import { randomBytes } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changedPaths, listFiles, readFiles, treeOf, writeTree, type TreeFile } from '../../adapters/git/trees.ts';
import { languageOf, parseSource } from '../../adapters/parsers/parse.ts';
import { alter, helperFiles, type Alteration } from '../../domain/protection/breaks/alter.ts';
import { maxAlone, toArming, type Arming } from '../../domain/protection/breaks/arming.ts';
import { chooseFunctions, type Chosen, type EditedSource } from '../../domain/protection/breaks/choose.ts';
import type { SourceText } from '../../domain/source/touched.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Bytes of a source that is read, and most files of tests that are. */
const maxBytes = 256 * 1024;
const maxTests = 300;

export type AlteredSide = 'base' | 'candidate';

/** All that can be broken between a base and a candidate, and the chance that arms it. */
export interface Alterable extends Chosen {
  arming: Arming;
  /** Armed files of both sides, to be put into their trees. */
  armed: Record<AlteredSide, { tree: string; files: ArmedFile[] }>;
}

interface ArmedFile {
  path: string;
  content: string;
}

/** Finds the functions that a candidate changes on the base, and the tests. Chance is drawn here: the candidate is fixed. */
export async function readAlterable(loop: OpenLoop, tree: string): Promise<Alterable> {
  const base = await treeOf(loop.clone, loop.plan.baseSha);
  const paths = (await changedPaths(loop.clone, base, tree)).filter((path) => loop.isEditable(path));
  const [before, after] = [await readSources(loop, base, paths), await readSources(loop, tree, paths)];
  const sources = paths.map((path) => ({ path, base: before.get(path) ?? null, candidate: after.get(path) ?? null }));
  return armAll(loop, { base, candidate: tree }, { sources, chosen: chooseFunctions(sources) });
}

async function armAll(
  loop: OpenLoop,
  trees: Record<AlteredSide, string>,
  { sources, chosen }: { sources: EditedSource[]; chosen: Chosen },
): Promise<Alterable> {
  const arming = toArming(randomBytes(12));
  const tests = await armTests(await readTests(loop, trees.base), arming);
  const sides = {} as Alterable['armed'];
  let isSound = true;
  for (const side of ['base', 'candidate'] as const) {
    const own = chosen.functions.map(({ path, before, after }, index) => ({
      path,
      one: side === 'base' ? before : after,
      index,
    }));
    const edited = sources.flatMap((source): Alteration[] => {
      const broken = own.filter(({ path }) => path === source.path);
      const text = source[side];
      // Tests may stand in it.
      const isTest = text !== null && (text.parsed.language === 'rust' || text.parsed.tests.length > 0);
      return text ? [{ path: source.path, source: text, broken, isTest }] : [];
    });
    const armed = await armFiles(edited, arming);
    isSound &&= armed.isSound;
    sides[side] = { tree: trees[side], files: [...armed.files, ...tests.files] };
  }
  if (isSound || chosen.functions.length === 0) return { ...chosen, arming, armed: sides };
  const leftOut = [...chosen.leftOut, ...chosen.functions.map(({ name }) => name)];
  return armAll(loop, trees, { sources, chosen: { functions: [], leftOut, isComparable: false } });
}

/** Arms files, and reads the result: `isSound` tells if the parser still understands all of it. */
async function armFiles(
  files: readonly Alteration[],
  arming: Arming,
): Promise<{ files: ArmedFile[]; isSound: boolean }> {
  const [armed, used] = [[] as ArmedFile[], [] as Alteration[]];
  for (const file of files) {
    const content = alter(file, arming);
    if (content === null) continue;
    const parsed = await parseSource(file.path, content);
    if (!parsed || parsed.errors.length > file.source.parsed.errors.length) continue;
    armed.push({ path: file.path, content });
    used.push(file);
  }
  const isSound = files.every((file) => file.broken.length === 0 || used.includes(file));
  return { files: [...armed, ...helperFiles(used, arming)], isSound };
}

/** Ends each test by an assertion; where none is found, each file that a command runs. */
async function armTests(files: readonly Alteration[], arming: Arming) {
  const armed = await armFiles(files, arming);
  if (armed.files.length > 0) return armed;
  return armFiles(
    files.map((file) => ({ ...file, isScript: true })),
    arming,
  );
}

/** Reads the files of tests, which every tree has from the base. */
async function readTests(loop: OpenLoop, base: string): Promise<Alteration[]> {
  const kindOf = (path: string) => loop.protectedFiles.protection(path);
  const paths = (await listFiles(loop.clone, base))
    .map(({ path }) => path)
    .filter((path) => languageOf(path) && /^a test$|^named by/.test(kindOf(path) ?? ''));
  const sources = await readSources(loop, base, paths.slice(0, maxTests));
  return [...sources].map(([path, source]) => ({ path, source, broken: [], isTest: true }));
}

/** Finds the largest functions that a base's editable files export, as if a candidate had edited them. */
export async function readAlterableBase(loop: OpenLoop): Promise<Alterable> {
  const base = await treeOf(loop.clone, loop.plan.baseSha);
  const paths = (await listFiles(loop.clone, base)).map(({ path }) => path).filter((path) => loop.isEditable(path));
  const found = [...(await readSources(loop, base, paths.slice(0, maxTests)))];
  const sources = found.map(([path, source]) => ({ path, base: source, candidate: source }));
  const sizeOf = ({ after }: Chosen['functions'][number]) => after.range.end - after.range.start;
  const functions = sources.flatMap(({ path, base: { parsed } }) =>
    parsed.functions.flatMap((one) =>
      one.exported !== null && one.body
        ? [{ ...{ path, name: one.name, before: one, after: one }, canBeWrong: false, isApart: true }]
        : [],
    ),
  );
  const largest = functions.sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, maxAlone);
  return armAll(
    loop,
    { base, candidate: base },
    { sources, chosen: { functions: largest, leftOut: [], isComparable: true } },
  );
}

/** Writes the armed tree of a side. */
export function writeArmed({ clone }: OpenLoop, { armed }: Alterable, side: AlteredSide): Promise<string> {
  return writeTree(clone, armed[side].tree, armed[side].files);
}

/** Copies the held-out tests, armed. */
export async function copyArmed(from: string, to: string, arming: Arming): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  const entries = await readdir(to, { recursive: true, withFileTypes: true });
  const tests: Alteration[] = [];
  for (const file of entries.filter((entry) => entry.isFile() && languageOf(entry.name)).slice(0, maxTests)) {
    const path = join(file.parentPath, file.name);
    const source = await toSource(path, await readFile(path));
    if (source) tests.push({ path, source, broken: [], isTest: true });
  }
  for (const { path, content } of (await armTests(tests, arming)).files) await writeFile(path, content);
}

/** Reads sources that can be parsed, by path. */
async function readSources(
  { clone }: OpenLoop,
  treeish: string,
  paths: readonly string[],
): Promise<Map<string, SourceText>> {
  const wanted = new Set(paths);
  const isSource = ({ path, mode, size }: TreeFile) =>
    wanted.has(path) && mode.startsWith('100') && size <= maxBytes && languageOf(path) !== null;
  const files = (await listFiles(clone, treeish)).filter(isSource);
  const blobs = await readFiles(clone, files);
  const found = new Map<string, SourceText>();
  for (const { path, sha } of files) {
    const source = await toSource(path, blobs.get(sha)!);
    if (source) found.set(path, source);
  }
  return found;
}

async function toSource(path: string, bytes: Buffer): Promise<SourceText | null> {
  const text = bytes.toString('utf8');
  const parsed = bytes.length > maxBytes ? null : await parseSource(path, text);
  return parsed && { text, parsed };
}
