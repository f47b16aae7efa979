import { createHash } from 'node:crypto';
import { appendFile, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUrl, repositoryName } from '../../domain/config/repository.ts';
import { git, type Clone } from './command.ts';
import { gitNetwork } from './network.ts';
import { readRefs } from './refs.ts';
import { dataPaths } from '../../store/layout.ts';
import { exists, uniqueBeside } from '../../store/files.ts';

/** For whoever runs git in the clone by hand, and for a fetch from it: as in every command of this room. */
const cloneConfig = `
[core] hooksPath = /dev/null
[core] logAllRefUpdates = false
[gc] auto = 0
[maintenance] auto = false
`;

/** Opens the worker's own bare clone of a repository, and makes it empty where it is missing, safely among processes. */
export async function openClone(
  data: string,
  repository: string,
  { signal }: Pick<Clone, 'signal'> = {},
): Promise<Clone> {
  const path = isUrl(repository) ? repository : await realpath(repository);
  const { clones } = dataPaths(data);
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  const directory = join(clones, `${slug(repositoryName(path))}-${hash}.git`);
  const clone = { directory, ...(signal && { signal }) };
  if (await exists(join(directory, 'HEAD'))) return clone;
  // Closed to others: a sandboxed command must not read a history that its export leaves out.
  await mkdir(clones, { recursive: true, mode: 0o700 });
  const format = await objectFormat(path, signal);
  const fresh = uniqueBeside(directory);
  const options = ['--bare', '--quiet', '--template=', '--initial-branch=none', `--object-format=${format}`];
  await git(clones, ['init', ...options, fresh]);
  await appendFile(join(fresh, 'config'), cloneConfig);
  try {
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(join(directory, 'HEAD')))) throw error;
  }
  return clone;
}

/** Brings commits of the repository into the clone, with all that they need. Reads the repository only. */
export async function fetchCommits(clone: Clone, repository: string, shas: readonly string[]): Promise<void> {
  const known = await readRefs(clone, shas.map(fetchedRef));
  const missing = [...new Set(shas)].filter((sha) => !known.has(fetchedRef(sha)));
  const refspecs = missing.map((sha) => `${sha}:${fetchedRef(sha)}`);
  await fetchRefs(clone, repository, refspecs);
}

/** The ref of a commit in the clone: unlike the object it is there only when all that the commit needs is there too. */
export function fetchedRef(sha: string): string {
  return `refs/fetched/${sha}`;
}

/** Fetches into refs of the clone; a no-op without refspecs. */
export async function fetchRefs(clone: Clone, repository: string, refspecs: readonly string[]): Promise<void> {
  if (refspecs.length === 0) return;
  const args = [...fetchOptions, '--update-shallow', repository, ...refspecs];
  // Its progress shows that the other side is alive.
  if (isUrl(repository)) await gitNetwork(repository, ['fetch', '--progress', ...args], { clone });
  else await git(clone, ['fetch', '--quiet', ...args]);
}

/** "sha1" or "sha256"; of a URL as its object ids are long. */
async function objectFormat(repository: string, signal?: AbortSignal): Promise<string> {
  if (!isUrl(repository)) return (await git(repository, ['rev-parse', '--show-object-format'])).trim();
  const refs = await gitNetwork(repository, ['ls-remote', '--end-of-options', repository], { signal });
  return (/^[0-9a-f]+/.exec(refs)?.[0].length ?? 40) === 64 ? 'sha256' : 'sha1';
}

/** Objects and the named refs, nothing else: for a fetch into the clone and for one inside the repository. */
export const fetchOptions = ['--no-write-fetch-head', '--no-auto-gc', '--no-tags', '--no-recurse-submodules'];

function slug(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['repository'];
  return words.join('-').slice(0, 40);
}
