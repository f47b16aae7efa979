import { untrackedAmong } from '../../adapters/git/repository.ts';
import { listFiles } from '../../adapters/git/trees.ts';
import { commandsOf } from '../../domain/config/plan.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { pathsInCommand } from '../../domain/protection/needed-paths.ts';
import { quoteWords } from '../../domain/text.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** One line per file that a command names and that lies in the person's checkout without being in the base. */
export async function uncommittedProblems({
  clone,
  repository,
  plan: { baseSha, config },
}: Pick<OpenLoop, 'clone' | 'repository' | 'plan'>): Promise<string[]> {
  if (isUrl(repository)) return [];
  const known = new Set((await listFiles(clone, baseSha)).map(({ path }) => path));
  const { setup, build, provided } = config;
  const isMade = (path: string) =>
    provided.some((one) => path === one || path.startsWith(`${one}/`)) ||
    [setup, build].some((command) => command?.includes(path.slice(path.lastIndexOf('/') + 1)));
  const problems = new Map<string, string>();
  for (const [field, command] of commandsOf(config)) {
    const wanted = pathsInCommand(command).filter((path) => !known.has(path) && !isMade(path));
    const found = await untrackedAmong(repository, wanted, { isIgnoredToo: !setup && !build });
    for (const path of found) {
      const there = ['git', '-C', repository];
      const commit = `${quoteWords([...there, 'add', '--force', path])} && ${quoteWords([...there, 'commit', '-m', `Add ${path}`])}`;
      problems.set(path, `${field}: ${path} is not committed, and a loop sees committed files only; type: ${commit}`);
    }
  }
  return [...problems.values()];
}
