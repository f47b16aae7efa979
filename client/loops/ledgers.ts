import { fetchCommits, openClone } from '../../adapters/git/clone.ts';
import { fetchLedger } from '../../ledger/sync.ts';
import { git, type Clone, type Place } from '../../adapters/git/command.ts';
import type { WholeRecord } from '../../domain/ledger/iteration-text.ts';
import { ledgerHead, readLedger, readWholeRecord, type Ledger } from '../../ledger/ledger.ts';
import { commonDirectory } from '../../adapters/git/ref-files.ts';
import { listLedgers, loopIdOf, loopRefs } from '../../ledger/refs.ts';
import { repositoryProblem } from '../../adapters/git/repository.ts';
import { isUrl } from '../../domain/config/repository.ts';
import { CommandError } from '../terminal/command-error.ts';
import { cacheDirectory } from '../../store/data-directory.ts';

/** Reads a loop's ledger in its repository; null where there is none. */
export async function readLedgerOf(repository: string, loopId: string): Promise<Ledger | null> {
  const place = await placeOfLedger(repository, loopId);
  return place && readLedger(place, loopId);
}

/** Reads all that the ledger has of an iteration; null where it has no record of it. */
export async function readWholeRecordOf(
  repository: string,
  loopId: string,
  iteration: number,
): Promise<WholeRecord | 'no ledger' | null> {
  const place = await placeOfLedger(repository, loopId);
  const head = place && (await ledgerHead(place, loopId));
  return head ? readWholeRecord(place, head, iteration) : 'no ledger';
}

/** Finds where a loop's ledger can be read as it is now; null where there is none. */
export async function placeOfLedger(repository: string, loopId: string): Promise<Clone | null> {
  await refuseUnlessRepository(repository);
  if (!(await listLedgers(repository)).some((ledger) => ledger.loopId === loopId)) return null;
  if (!isUrl(repository)) return { directory: await commonDirectory(repository) };
  const clone = await readingClone(repository);
  await fetchLedger(clone, repository, loopId);
  return clone;
}

/** The newest commit of a loop's ledger; empty where there is none. */
export async function headOfLedger(repository: string, loopId: string): Promise<string> {
  const place = await placeOfLedger(repository, loopId);
  return (place && (await ledgerHead(place, loopId))) ?? '';
}

/** Finds the loop with the newest ledger in the repository. */
export async function newestLedger(repository: string): Promise<string | undefined> {
  await refuseUnlessRepository(repository);
  const ledgers = await listLedgers(repository);
  if (ledgers.length < 2) return ledgers[0]?.loopId;
  const place = isUrl(repository) ? await readingClone(repository) : repository;
  if (isUrl(repository)) for (const { loopId } of ledgers) await fetchLedger(place as Clone, repository, loopId);
  const names = await git(place, ['for-each-ref', '--sort=-committerdate', '--format=%(refname)', loopRefs]);
  const ids = names.split('\n').map(loopIdOf);
  return ids.find((id) => ledgers.some(({ loopId }) => loopId === id));
}

/** Returns where a commit can be read: the repository itself, or for a URL a clone that has fetched it. */
export async function placeOfCommit(repository: string, sha: string): Promise<Place> {
  if (!isUrl(repository)) return repository;
  const clone = await readingClone(repository);
  await fetchCommits(clone, repository, [sha]);
  return clone;
}

/** Opens a clone for reading only, apart from the workers' clones. */
function readingClone(url: string): Promise<Clone> {
  return openClone(cacheDirectory(), url);
}

async function refuseUnlessRepository(repository: string): Promise<void> {
  const problem = await repositoryProblem(repository);
  if (problem) throw new CommandError(problem);
}
