import { join, parse } from 'node:path';
import { changedPaths, listFiles, readFiles, treeOf, type TreeFile } from '../../adapters/git/trees.ts';
import { normalForm } from '../../adapters/parsers/parse.ts';
import type { StepContext } from '../loop/context.ts';
import { digest, type OpenLoop } from '../loop/open-loop.ts';
import { isSame, walk } from './built-tree.ts';
import { makeRunnable } from './runnable.ts';
import { pathsOfTree } from './runnable-tree.ts';

/** Bytes of a source that is read. */
const maxBytes = 256 * 1024;

/** Digests what a tree's program differs in from the base's: without comments, white space and local names. */
export async function programOf(loop: OpenLoop, tree: string): Promise<string> {
  const { clone, plan } = loop;
  const base = await treeOf(clone, plan.baseSha);
  return loop.remember(`program ${base} ${tree}`, async () => {
    const paths = new Set(await changedPaths(clone, base, tree));
    const [before, after] = [await formsOf(loop, base, paths), await formsOf(loop, tree, paths)];
    const differing = [...paths].sort().filter((path) => before.get(path) !== after.get(path));
    return digest(differing.map((path) => [path, after.get(path) ?? null]));
  });
}

/** The normal form of each file, or its blob where it has none. */
async function formsOf({ clone }: OpenLoop, tree: string, paths: ReadonlySet<string>): Promise<Map<string, string>> {
  const files = (await listFiles(clone, tree)).filter(({ path }) => paths.has(path));
  const isRead = ({ mode, size }: TreeFile) => mode.startsWith('100') && size <= maxBytes;
  const blobs = await readFiles(clone, files.filter(isRead));
  const forms = new Map<string, string>();
  for (const { path, sha, mode } of files) {
    const text = blobs.get(sha)?.toString('utf8');
    const form = text === undefined ? null : await normalForm(path, text);
    forms.set(path, `${mode} ${form ?? sha}`);
  }
  return forms;
}

/**
 * Tells if a build makes the same of candidate and champion. Only where each changed file has a result of its name.
 */
export async function hasSameBuild(
  context: StepContext,
  champion: string,
  { tree, files }: { tree: string; files: readonly string[] },
): Promise<boolean> {
  const { loop } = context;
  if (!loop.plan.config.build || !(await makeRunnable(context, champion)).ok) return false;
  const [one, other] = [pathsOfTree(loop, await treeOf(loop.clone, champion)), pathsOfTree(loop, tree)];
  const sources = await walk(other.exported);
  const results = [...(await walk(other.built)).keys()].filter((path) => !sources.has(path));
  const present = [...(await walk(one.built)).keys()].filter((path) => !sources.has(path));
  const names = new Set(results.map((path) => parse(path).name));
  if (!files.every((path) => names.has(parse(path).name)) || results.length !== present.length) return false;
  for (const path of results) if (!(await isSame(join(one.built, path), join(other.built, path)))) return false;
  return true;
}
