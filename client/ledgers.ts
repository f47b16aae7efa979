import { git } from '../adapters/git/command.ts';
import { readLedger, type Ledger } from '../adapters/git/ledger.ts';
import { repositoryProblem } from '../adapters/git/repository.ts';
import { CommandError } from './command-error.ts';

/** A loop's ledger in its repository; null where it has none there. */
export async function readLedgerOf(repository: string, loopId: string): Promise<Ledger | null> {
  if (!(await ledgerIds(repository)).includes(loopId)) return null;
  const directory = (await git(repository, ['rev-parse', '--absolute-git-dir'])).trim();
  return readLedger({ directory }, loopId);
}

/** The loop whose ledger in the repository is the newest. */
export async function newestLedger(repository: string): Promise<string | undefined> {
  return (await ledgerIds(repository))[0];
}

/** Ids of the loops with a ledger in the repository, the newest first. */
async function ledgerIds(repository: string): Promise<string[]> {
  const problem = await repositoryProblem(repository);
  if (problem) throw new CommandError(problem);
  const names = await git(repository, ['for-each-ref', '--sort=-committerdate', '--format=%(refname)', 'refs/karpathy-loop/']);
  return names.split('\n').flatMap((name) => /^refs\/karpathy-loop\/(.+)\/ledger$/.exec(name)?.[1] ?? []);
}
