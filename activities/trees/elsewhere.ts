import { submodulesOf } from '../../adapters/git/submodules.ts';
import { namesInSources } from '../../adapters/git/search.ts';
import { listFiles, readFiles, type TreeFile } from '../../adapters/git/trees.ts';
import { matchesGlob } from '../../adapters/glob.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { isNeeded } from '../../domain/protection/needed-paths.ts';
import { quoteWords } from '../../domain/text.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

const pointer = 'version https://git-lfs.github.com/spec/v1';
const maxProblems = 5;

type Loop = Pick<OpenLoop, 'clone' | 'plan' | 'repository'>;

/** Names what is needed of the base and lies elsewhere, submodules and Git LFS pointers: at most 5 lines, and a count. */
export async function treeProblems(loop: Loop): Promise<string[]> {
  const problems = [...(await submodules(loop)).needed, ...(await pointers(loop)).needed];
  const rest = problems.length - maxProblems;
  if (rest <= 0) return problems;
  return [...problems.slice(0, maxProblems), `base: and ${rest} more submodules or Git LFS pointers`];
}

/** Lists what of the base lies elsewhere and is named by nothing, with a note on each. */
export async function elsewhere(loop: Loop): Promise<{ path: string; note: string }[]> {
  const [modules, files] = [await submodules(loop), await pointers(loop)];
  return [...modules.absent.map((path) => ({ path, note: modules.notes[0]! })), ...files.others];
}

/** Git LFS pointers: a problem for each that a glob, a command or a source names, a note on each other. */
async function pointers({
  clone,
  plan: { baseSha, config },
}: Loop): Promise<{ needed: string[]; others: { path: string; note: string }[] }> {
  const files = await listFiles(clone, baseSha);
  const small = files.filter(({ mode, size }) => mode.startsWith('100') && size >= pointer.length && size < 1024);
  const blobs = await readFiles(clone, small);
  const isPointer = ({ sha }: TreeFile) => blobs.get(sha)?.subarray(0, pointer.length).toString('latin1') === pointer;
  const found = small.filter(isPointer).map(({ path }) => path);
  const spoken = await namesInSources(clone, baseSha, found.map(nameOf));
  const isWanted = (path: string) =>
    spoken.has(nameOf(path)) || isNeeded(path, config) || config.editable.some((glob) => matchesGlob(path, glob));
  const fact = (path: string) => `base: ${JSON.stringify(path)} is a Git LFS pointer, not the file`;
  const remedy = 'commit the file (git lfs migrate export), or give a base without it';
  return {
    needed: found.filter(isWanted).map((path) => `${fact(path)}; ${remedy}`),
    others: found
      .filter((path) => !isWanted(path))
      .map((path) => ({
        path,
        note: `${fact(path)}, and stays one, since nothing names it; if runs need it, ${remedy}`,
      })),
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Submodules whose files runs do not see: a problem for each that a command or glob names, a note on the others. @internal */
export async function submodules({
  clone,
  plan: { baseSha, config },
  repository,
}: Loop): Promise<{ needed: string[]; absent: string[]; notes: string[] }> {
  const all = await submodulesOf(clone, baseSha);
  const absent = all.filter(({ isHere }) => !isHere).map(({ path }) => path);
  const bring = (path: string) =>
    isUrl(repository)
      ? `give the path of a checkout that has it, in place of the URL`
      : `bring it with: ${quoteWords(['git', '-C', repository, 'submodule', 'update', '--init', path])}`;
  const needed = absent.filter((path) => isNeeded(path, config));
  const others = absent.filter((path) => !needed.includes(path));
  const left = `base: the submodule${others.length === 1 ? '' : 's'} ${others.slice(0, maxProblems).join(', ')} ${others.length === 1 ? 'is' : 'are'} left empty, since nothing names ${others.length === 1 ? 'it' : 'them'}`;
  return {
    needed: needed.map(
      (path) => `base: "${path}" is a submodule that is not checked out there, and it is needed; ${bring(path)}`,
    ),
    absent: others,
    notes: others.length === 0 ? [] : [`${left}; if tests need it, ${bring(others[0]!)}`],
  };
}
