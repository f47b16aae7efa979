import { fetchCommits, fetchRefs } from '../adapters/git/clone.ts';
import { gitBytes, type Clone } from '../adapters/git/command.ts';
import { readRef } from '../adapters/git/refs.ts';
import { cloneRefNames, readLoopRefs, refNames, type LoopBranch, type LoopRefs } from './refs.ts';

/** Makes the clone's refs of a loop equal to the repository's, and returns them. Commits that the clone `made` are not fetched. */
export async function syncLoop(
  clone: Clone,
  repository: string,
  { loopId, branch }: LoopBranch,
  made: readonly string[] = [],
): Promise<LoopRefs> {
  const names = cloneRefNames(loopId);
  const [found, current] = await Promise.all([
    readLoopRefs(repository, refNames(loopId, branch), clone.signal),
    readLoopRefs(clone, names),
  ]);
  // Without a ledger a branch of this name is someone else's.
  const wanted: LoopRefs = found.ledger ? found : { ledger: null, champion: null, branch: null };
  const changed = (Object.keys(names) as (keyof LoopRefs)[]).filter((key) => wanted[key] !== current[key]);
  const isMade = (key: keyof LoopRefs) => made.includes(wanted[key] ?? '');
  const fetched = changed.filter((key) => wanted[key] && !isMade(key)).map((key) => `+${wanted[key]}:${names[key]}`);
  const set = changed.flatMap((key) =>
    wanted[key] ? (isMade(key) ? [`update ${names[key]} ${wanted[key]}\n`] : []) : [`delete ${names[key]}\n`],
  );
  await fetchRefs(clone, repository, fetched);
  if (set.length > 0) await gitBytes(clone, ['update-ref', '--no-deref', '--stdin'], { input: set.join('') });
  return wanted;
}

/** Brings a loop's ledger alone, to learn the plan of a loop that was never seen here. Returns its newest commit, or null. */
export async function fetchLedger(clone: Clone, repository: string, loopId: string): Promise<string | null> {
  const { ledger } = refNames(loopId, '');
  const found = await readRef(repository, ledger, clone.signal);
  if (found !== null && (await readRef(clone, ledger)) !== found)
    await fetchRefs(clone, repository, [`+${found}:${ledger}`]);
  return found;
}

/** Syncs a loop, and brings the champion of an iteration where no ref leads to it. */
export async function bringUpToDate(
  clone: Clone,
  repository: string,
  loop: LoopBranch,
  champion: string,
): Promise<void> {
  const refs = await syncLoop(clone, repository, loop);
  if (champion !== refs.champion && champion !== refs.branch) await fetchCommits(clone, repository, [champion]);
}
