import { readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { git } from '../../adapters/git/command.ts';
import { repositoryProblem, resolveBase } from '../../adapters/git/repository.ts';
import { findTool } from '../../adapters/sandbox/tools.ts';
import type { RepositoryFacts } from '../../domain/init/plan.ts';
import { protectedKind } from '../../domain/protection/protected-kinds.ts';
import { toplevelOf } from '../loops/loop-file.ts';
import { CommandError } from '../terminal/command-error.ts';

/** Bytes of one file, and number of files, that are read. */
const [maxBytes, maxFiles] = [256 * 1024, 400];

const manifests =
  /^(package\.json|pyproject\.toml|setup\.(py|cfg)|tox\.ini|go\.mod|Cargo\.toml|(GNU)?[Mm]akefile|[^/]*requirements[^/]*\.txt)$/;

export interface Place {
  /** Top directory of the repository. */
  repository: string;
  /** Directory of the package, and the same from the top ("." for the top). */
  directory: string;
  below: string;
}

/** Finds the repository around a directory. @throws CommandError where the loop could not work on it */
export async function findPlace(directory: string): Promise<Place> {
  const found = await stat(directory).catch(() => null);
  if (!found?.isDirectory()) throw new CommandError(`directory: ${directory} is none; give one in a git repository`);
  const repository = toplevelOf(directory);
  if (repository === undefined)
    throw new CommandError(
      `repository: ${directory} is in no git repository; make it one (git init, git add --all, git commit)`,
    );
  const problem = await repositoryProblem(repository);
  if (problem) throw new CommandError(problem);
  if ((await resolveBase(repository, 'HEAD')) === null)
    throw new CommandError(`repository: ${repository} has no commit yet; make a first one (git add --all, git commit)`);
  return { repository, directory, below: relative(repository, directory) || '.' };
}

/** Reads what `init` decides by: the committed files below a directory. */
export async function readRepository({ directory, repository, below }: Place): Promise<RepositoryFacts> {
  const own = await readDirectory(directory);
  return below === '.' ? own : { ...own, top: { below, facts: await readDirectory(repository) } };
}

async function readDirectory(directory: string): Promise<RepositoryFacts> {
  const listed = await git(directory, ['ls-tree', '-r', '-z', '--name-only', 'HEAD']);
  const files = listed.split('\0').filter(Boolean);
  const wanted = (path: string) => {
    const kind = protectedKind(path);
    return (
      manifests.test(path) ||
      kind === 'a test' ||
      kind === 'a benchmark' ||
      /\.(go|rs)$/.test(path) ||
      /^[^/]*bench[^/]*$/.test(path)
    );
  };
  const texts = new Map<string, string>();
  for (const path of files.filter(wanted).slice(0, maxFiles)) {
    const facts = await stat(join(directory, path)).catch(() => null);
    if (facts?.isFile() && facts.size <= maxBytes) texts.set(path, await readFile(join(directory, path), 'utf8'));
  }
  return { files, texts, has: (tool) => findTool(tool) !== null };
}
