import { createHash } from 'node:crypto';
import { appendFile, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { git, gitBytes, gitOrNull, type Clone } from './command.ts';
import { cloneRefNames, readRefs, refNames, type LoopRefs } from './refs.ts';

/** For whoever runs git in the clone by hand, and for a fetch from it: as in every command of this room. */
const cloneConfig = `
[core]
\thooksPath = /dev/null
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;

/** Opens the worker's own bare clone of a repository, and makes it empty where it is missing. Safe when several processes do so at once. */
export async function openClone(dataDirectory: string, repository: string): Promise<Clone> {
  const path = await realpath(repository);
  const clones = join(dataDirectory, 'clones');
  const directory = join(clones, `${slug(basename(path))}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}.git`);
  if (await exists(directory)) return { directory };
  // Not for others: a sandboxed command must not read a history that its export leaves out.
  await mkdir(clones, { recursive: true, mode: 0o700 });
  const format = (await git(path, ['rev-parse', '--show-object-format'])).trim();
  const fresh = `${directory}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  await git(clones, ['init', '--bare', '--quiet', '--template=', '--initial-branch=none', `--object-format=${format}`, fresh]);
  await appendFile(join(fresh, 'config'), cloneConfig);
  try {
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await exists(directory))) throw error;
  }
  return { directory };
}

/** Brings a commit of the repository into the clone; with `loop`, its ledger and results too. Reads the repository only. */
export async function fetchCommit(clone: Clone, repository: string, sha: string, loop?: { loopId: string; branch: string }): Promise<void> {
  // The ref, unlike the object, is there only when everything that the commit needs is there too.
  const kept = `refs/fetched/${sha}`;
  if ((await gitOrNull(clone, ['rev-parse', '--verify', '--quiet', kept])) === null) await fetch(clone, repository, [`${sha}:${kept}`]);
  if (loop) await syncLoop(clone, repository, loop.loopId, loop.branch);
}

/** Makes the clone's refs of a loop equal to the repository's: to be called before reading a ledger that another worker may have moved. */
export async function syncLoop(clone: Clone, repository: string, loopId: string, branch: string): Promise<void> {
  const found = await readRefs(repository, refNames(loopId, branch));
  // Without a ledger a branch of this name is someone else's.
  const wanted: LoopRefs = found.ledger ? found : { ledger: null, champion: null, branch: null };
  const names = cloneRefNames(loopId);
  const present = await readRefs(clone, names);
  const changed = (Object.keys(names) as (keyof LoopRefs)[]).filter((key) => wanted[key] !== present[key]);
  const brought = changed.filter((key) => wanted[key]).map((key) => `+${wanted[key]}:${names[key]}`);
  const gone = changed.filter((key) => !wanted[key]).map((key) => `delete ${names[key]}\n`);
  if (brought.length > 0) await fetch(clone, repository, brought);
  if (gone.length > 0) await gitBytes(clone, ['update-ref', '--no-deref', '--stdin'], { input: gone.join('') });
}

async function fetch(clone: Clone, repository: string, refspecs: readonly string[]): Promise<void> {
  await git(clone, ['fetch', ...fetchOptions, '--update-shallow', repository, ...refspecs]);
}

/** Objects and the named refs, nothing else: for a fetch into the clone and for one inside the repository. */
export const fetchOptions = ['--quiet', '--no-write-fetch-head', '--no-auto-gc', '--no-tags', '--no-recurse-submodules'];

async function exists(directory: string): Promise<boolean> {
  return stat(join(directory, 'HEAD')).then(
    () => true,
    () => false,
  );
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'repository'
  );
}
