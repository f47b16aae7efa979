import { submodulesOf } from '../../adapters/git/submodules.ts';
import { listFiles, readFiles, type TreeFile } from '../../adapters/git/trees.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { isNeeded } from '../../domain/protection/needed-paths.ts';
import { quoteWords } from '../../domain/text.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

const pointer = 'version https://git-lfs.github.com/spec/v1';
const maxProblems = 5;

/** Names what is needed of the base and lies elsewhere, submodules and Git LFS pointers: at most 5 lines, and a count. */
export async function treeProblems(loop: Pick<OpenLoop, 'clone' | 'plan' | 'repository'>): Promise<string[]> {
  const files = await listFiles(loop.clone, loop.plan.baseSha);
  const small = files.filter(({ mode, size }) => mode.startsWith('100') && size >= pointer.length && size < 1024);
  const blobs = await readFiles(loop.clone, small);
  const isPointer = ({ sha }: TreeFile) => blobs.get(sha)?.subarray(0, pointer.length).toString('latin1') === pointer;
  const pointers = small.filter(isPointer).map(({ path }) => {
    const remedy = 'commit the file (git lfs migrate export), or give a base without it';
    return `base: ${JSON.stringify(path)} is a Git LFS pointer, not the file; ${remedy}`;
  });
  const problems = [...(await submodules(loop)).needed, ...pointers];
  const rest = problems.length - maxProblems;
  if (rest <= 0) return problems;
  return [...problems.slice(0, maxProblems), `base: and ${rest} more submodules or Git LFS pointers`];
}

/** Submodules whose files runs do not see: a problem for each that a command or glob names, a note on the others. */
export async function submodules({
  clone,
  plan: { baseSha, config },
  repository,
}: Pick<OpenLoop, 'clone' | 'plan' | 'repository'>): Promise<{ needed: string[]; notes: string[] }> {
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
    notes: others.length === 0 ? [] : [`${left}; if tests need it, ${bring(others[0]!)}`],
  };
}
