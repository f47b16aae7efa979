import { uncommittedAmong } from '../../adapters/git/repository.ts';
import { listFiles } from '../../adapters/git/trees.ts';
import { commandsOf } from '../../domain/config/plan.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { pathsInCommand } from '../../domain/protection/needed-paths.ts';
import { joinPath } from '../../domain/protection/readers/command-words.ts';
import { quoteWords } from '../../domain/text.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

type Loop = Pick<OpenLoop, 'clone' | 'repository' | 'plan'>;

/** One line per file that a command names and that lies in the person's checkout without being in the base. */
export async function uncommittedProblems(loop: Loop): Promise<string[]> {
  const named = commandsOf(loop.plan.config).map(([field, command]) => ({ field, paths: pathsInCommand(command) }));
  return linesFor(loop, named);
}

/** The same of files that a failed run of the base asked for in vain: what its output names. */
export async function uncommittedNamedBy(loop: Loop, field: string, output: string): Promise<string[]> {
  const words = output.slice(0, 20_000).match(/[^\s'"`():,]+\.\w{1,10}/g) ?? [];
  const paths = words.map((word) => joinPath('', word.replace(/^file:\/\//, '')));
  return (await linesFor(loop, [{ field, paths: paths.filter((path) => path !== null) }])).slice(0, 3);
}

async function linesFor(
  { clone, repository, plan: { baseSha, config } }: Loop,
  named: readonly { field: string; paths: readonly string[] }[],
): Promise<string[]> {
  if (isUrl(repository)) return [];
  const known = new Set((await listFiles(clone, baseSha)).map(({ path }) => path));
  const { setup, build, provided } = config;
  const isMade = (path: string) =>
    provided.some((one) => path === one || path.startsWith(`${one}/`)) ||
    [setup, build].some((command) => command?.includes(path.slice(path.lastIndexOf('/') + 1)));
  const problems = new Map<string, string>();
  for (const { field, paths } of named) {
    const wanted = [...new Set(paths)].filter((path) => !known.has(path) && !isMade(path));
    const found = await uncommittedAmong(repository, wanted, { isIgnoredToo: !setup && !build });
    for (const path of found) {
      const there = ['git', '-C', repository];
      const commit = `${quoteWords([...there, 'add', '--force', path])} && ${quoteWords([...there, 'commit', '-m', `Add ${path}`])}`;
      problems.set(path, `${field}: ${path} is not committed, and a loop sees committed files only; type: ${commit}`);
    }
  }
  return [...problems.values()];
}
