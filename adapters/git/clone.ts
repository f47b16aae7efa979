import { createHash } from 'node:crypto';
import { appendFile, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUrl, repositoryName } from '../../domain/config/repository.ts';
import { git, gitBytes, type Clone } from './command.ts';
import { gitNetwork } from './network.ts';
import { cloneRefNames, listRefs, readRef, readRefs, refNames, type LoopRefs } from '../../ledger/refs.ts';
import { dataPaths } from '../../store/layout.ts';
import { uniqueBeside } from '../../store/files.ts';

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
  const path = isUrl(repository) ? repository : await realpath(repository);
  const { clones } = dataPaths(dataDirectory);
  const directory = join(
    clones,
    `${slug(repositoryName(path))}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}.git`,
  );
  if (await exists(directory)) return { directory };
  // Not for others: a sandboxed command must not read a history that its export leaves out.
  await mkdir(clones, { recursive: true, mode: 0o700 });
  const format = await objectFormat(path);
  const fresh = uniqueBeside(directory);
  await git(clones, [
    'init',
    '--bare',
    '--quiet',
    '--template=',
    '--initial-branch=none',
    `--object-format=${format}`,
    fresh,
  ]);
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
export async function fetchCommit(
  clone: Clone,
  repository: string,
  sha: string,
  loop?: { loopId: string; branch: string },
): Promise<void> {
  // The ref, unlike the object, is there only when everything that the commit needs is there too.
  const kept = `refs/fetched/${sha}`;
  if ((await readRef(clone, kept)) === null) await fetch(clone, repository, [`${sha}:${kept}`]);
  if (loop) await syncLoop(clone, repository, loop.loopId, loop.branch);
}

/**
 * Makes the clone's refs of a loop equal to the repository's: to be called before reading a ledger that another worker may have moved.
 * @param made commits that the clone made itself, with all that they need: those are not fetched
 * @returns what they hold now
 */
export async function syncLoop(
  clone: Clone,
  repository: string,
  loopId: string,
  branch: string,
  made: readonly string[] = [],
): Promise<LoopRefs> {
  const names = cloneRefNames(loopId);
  const [found, present] = await Promise.all([readRefs(repository, refNames(loopId, branch)), readRefs(clone, names)]);
  // Without a ledger a branch of this name is someone else's.
  const wanted: LoopRefs = found.ledger ? found : { ledger: null, champion: null, branch: null };
  const changed = (Object.keys(names) as (keyof LoopRefs)[]).filter((key) => wanted[key] !== present[key]);
  const isMade = (key: keyof LoopRefs) => made.includes(wanted[key] ?? '');
  const brought = changed.filter((key) => wanted[key] && !isMade(key)).map((key) => `+${wanted[key]}:${names[key]}`);
  const set = changed.flatMap((key) =>
    wanted[key] ? (isMade(key) ? [`update ${names[key]} ${wanted[key]}\n`] : []) : [`delete ${names[key]}\n`],
  );
  if (brought.length > 0) await fetch(clone, repository, brought);
  if (set.length > 0) await gitBytes(clone, ['update-ref', '--no-deref', '--stdin'], { input: set.join('') });
  return wanted;
}

/** Brings ledgers of other loops, and commits beside them, to be looked at. */
export async function fetchCommits(clone: Clone, repository: string, shas: readonly string[]): Promise<void> {
  const present = new Set((await listRefs(clone, ['refs/fetched'])).map(({ name }) => name));
  const missing = [...new Set(shas)].filter((sha) => !present.has(`refs/fetched/${sha}`));
  if (missing.length > 0)
    await fetch(
      clone,
      repository,
      missing.map((sha) => `${sha}:refs/fetched/${sha}`),
    );
}

/** Brings a loop's ledger alone, by which whoever has never seen the loop learns of its plan. Returns its newest commit, or null where there is none. */
export async function fetchLedger(clone: Clone, repository: string, loopId: string): Promise<string | null> {
  const { ledger } = refNames(loopId, '');
  const found = await readRef(repository, ledger);
  if (found !== null && (await readRef(clone, ledger)) !== found)
    await fetch(clone, repository, [`+${found}:${ledger}`]);
  return found;
}

/** Makes the clone's refs of a loop equal to the repository's, and brings the champion of an iteration where no ref leads to it. */
export async function bringUpToDate(
  clone: Clone,
  repository: string,
  loop: { loopId: string; branch: string },
  champion: string,
): Promise<void> {
  const refs = await syncLoop(clone, repository, loop.loopId, loop.branch);
  if (champion !== refs.champion && champion !== refs.branch) await fetchCommit(clone, repository, champion);
}

async function fetch(clone: Clone, repository: string, refspecs: readonly string[]): Promise<void> {
  const args = [...fetchOptions, '--update-shallow', repository, ...refspecs];
  // Its progress shows that the other side is alive.
  if (isUrl(repository)) await gitNetwork(clone, repository, ['fetch', '--progress', ...args]);
  else await git(clone, ['fetch', '--quiet', ...args]);
}

/** "sha1" or "sha256"; of a URL as its object ids are long. */
async function objectFormat(repository: string): Promise<string> {
  if (!isUrl(repository)) return (await git(repository, ['rev-parse', '--show-object-format'])).trim();
  const refs = await gitNetwork(null, repository, ['ls-remote', '--end-of-options', repository]);
  return (/^[0-9a-f]+/.exec(refs)?.[0].length ?? 40) === 64 ? 'sha256' : 'sha1';
}

/** Objects and the named refs, nothing else: for a fetch into the clone and for one inside the repository. */
export const fetchOptions = ['--no-write-fetch-head', '--no-auto-gc', '--no-tags', '--no-recurse-submodules'];

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
