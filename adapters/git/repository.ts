import { realpath, stat } from 'node:fs/promises';
import { isRefName } from '../../domain/loop-id.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { quoteWords } from '../../domain/text.ts';
import { git, GitFailure, gitOrNull, type Place } from './command.ts';
import { gitNetwork } from './network.ts';
import { NetworkFailure } from './network-failure.ts';
import { isRemote } from './refs.ts';

/** Says why a path or URL cannot be a loop's repository; else null. @throws NetworkFailure where a URL may answer later */
export async function repositoryProblem(path: string, signal?: AbortSignal): Promise<string | null> {
  if (isUrl(path)) return remoteProblem(path, signal);
  const kind = await stat(path).catch(() => null);
  if (!kind) return `repository: ${path} does not exist; give the path of a git repository on this host`;
  if (!kind.isDirectory()) return `repository: ${path} is a file; give the repository's top directory`;
  try {
    const facts = await git(path, ['rev-parse', '--is-bare-repository', '--is-inside-work-tree']);
    const [bare, inside] = facts.split('\n');
    if (bare === 'true')
      return `repository: ${path} is a bare repository; give a clone of it that has a working tree (git clone ${path})`;
    if (inside !== 'true')
      return `repository: ${path} lies inside git's own directory; give the repository's top directory`;
    const top = (await git(path, ['rev-parse', '--show-toplevel'])).replace(/\n$/, '');
    if ((await realpath(path)) !== (await realpath(top)))
      return `repository: ${path} is a directory inside a repository; give its top directory, ${top}`;
    return await partialProblem(path);
  } catch (error) {
    if (!(error instanceof GitFailure) || error.exitCode !== 128) throw error;
    if (/dubious ownership/.test(error.stderr)) return foreign(path, kind.uid);
    if (/not a git repository/.test(error.stderr))
      return `repository: ${path} is not a git repository; give the path of one, or make it one (git init, then commit)`;
    return `repository: ${path} cannot be read (${error.message}); correct it so that git status works there`;
  }
}

/** A partial clone lacks objects, which git would bring from elsewhere, one by one; a loop reaches no remote. */
async function partialProblem(path: string): Promise<string | null> {
  const remotes = await gitOrNull(path, ['config', '--get-regexp', String.raw`^remote\..*\.promisor$`]);
  const remote = /^remote\.(.*)\.promisor true$/m.exec(remotes ?? '')?.[1];
  const head = remote && (await resolveBase(path, 'HEAD'));
  if (!head) return null;
  const listed = await git(path, ['rev-list', '--objects', '--missing=print', head]);
  const missing = listed.match(/^\?/gm)?.length ?? 0;
  if (missing === 0) return null;
  return `repository: ${path} is a partial clone that lacks ${missing} objects of its history; bring them with: ${quoteWords(['git', '-C', path, 'fetch', '--refetch', '--no-filter', remote])}`;
}

async function remoteProblem(url: string, signal?: AbortSignal): Promise<string | null> {
  try {
    await gitNetwork(url, ['ls-remote', '--end-of-options', url, 'HEAD'], { signal });
    return null;
  } catch (error) {
    if (error instanceof NetworkFailure && error.isPermanent) return error.message;
    throw error;
  }
}

/** Git trusts a repository of another user only by that user's own settings, which are left out here for the sake of equal results. */
function foreign(path: string, owner: number): string {
  return `repository: ${path} or its .git belongs to another user (directory: uid ${owner}; this process: uid ${process.geteuid?.() ?? '?'}); run the loop as its owner, or change the owner (chown -R)`;
}

/** Returns the commit that a revision names, or null. A full commit id at a URL is not looked for before it is fetched. */
export async function resolveBase(repository: Place, revision: string, signal?: AbortSignal): Promise<string | null> {
  if (isRemote(repository)) return resolveRemote(repository, revision, signal);
  try {
    const commit = `${revision}^{commit}`;
    return await gitOrNull(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', commit]);
  } catch (error) {
    // Git cannot parse it as a revision.
    if (error instanceof GitFailure && error.exitCode === 128) return null;
    throw error;
  }
}

/** Follows git's order: a tag goes before a branch of its name, and an annotated tag stands for its commit. */
async function resolveRemote(url: string, revision: string, signal?: AbortSignal): Promise<string | null> {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) return revision;
  if (revision !== 'HEAD' && !isRefName(revision)) return null;
  const places = [revision, `refs/tags/${revision}`, `refs/heads/${revision}`];
  const names = revision === 'HEAD' ? ['HEAD'] : places.filter((name) => name.startsWith('refs/'));
  const wanted = names.flatMap((name) => [`${name}^{}`, name]);
  const output = await gitNetwork(url, ['ls-remote', '--end-of-options', url, ...wanted], { signal });
  const found = new Map(output.split('\n').map((line) => line.split('\t').reverse() as [string, string]));
  return wanted.map((name) => found.get(name)).find((sha) => sha !== undefined) ?? null;
}

/** Tells whether there is uncommitted work, untracked files included, but for a loop's config, which is read from there. */
export async function isDirty(repository: string): Promise<boolean> {
  const options = ['--porcelain=v1', '-z', '--untracked-files=normal', '--ignore-submodules=dirty'];
  // It writes nothing, not even the index.
  const entries = (await git(repository, ['status', ...options])).split('\0').filter(Boolean);
  return entries.some((entry) => !/(^.. |\/)loop\.json$/.test(entry));
}

/** Files among these paths that lie in the checkout and that no commit has: git does not track them, or they are staged. */
export async function uncommittedAmong(
  repository: string,
  paths: readonly string[],
  { isIgnoredToo }: { isIgnoredToo: boolean },
): Promise<string[]> {
  if (paths.length === 0) return [];
  const options = ['--others', '-z', ...(isIgnoredToo ? [] : ['--exclude-standard'])];
  const output = await git(repository, ['ls-files', ...options, '--', ...paths]);
  const staged = await git(repository, ['diff', '--cached', '--name-only', '--diff-filter=A', '--no-renames', '-z']);
  return [...new Set(`${output}\0${staged}`.split('\0'))].filter((path) => paths.includes(path));
}
