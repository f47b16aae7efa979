import { rename } from 'node:fs/promises';
import { execa } from 'execa';
import { isUrl } from '../../domain/config/repository.ts';
import { fetchRefs } from './clone.ts';
import { git, type Clone } from './command.ts';

/** Makes a `.git` for a checkout of a commit, with its history and the tags on it; nothing leads elsewhere. */
export async function sealHistory(clone: Clone, repository: string, sha: string, directory: string): Promise<void> {
  const work = `${directory}.new`;
  await git(clone, ['init', '--bare', '--quiet', '--template=', '--initial-branch=base', work]);
  const sealed: Clone = { directory: work, ...(clone.signal && { signal: clone.signal }) };
  await fetchRefs(sealed, clone.directory, [`${sha}:refs/heads/base`]);
  const tags = isUrl(repository) ? ['refs/tags/*'] : await tagsOn(repository, sha);
  await fetchRefs(
    sealed,
    repository,
    tags.map((name) => `${name}:${name}`),
  );
  await git(sealed, ['read-tree', sha]);
  await git(sealed, ['config', 'core.bare', 'false']);
  // Runs have another uid.
  await execa('chmod', ['-R', 'a+rX', work]);
  await rename(work, directory);
}

async function tagsOn(repository: string, sha: string): Promise<string[]> {
  const output = await git(repository, ['for-each-ref', `--merged=${sha}`, '--format=%(refname)', 'refs/tags']);
  return output.split('\n').filter(Boolean);
}
