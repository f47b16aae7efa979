import { fetchCommits } from '../../adapters/git/clone.ts';
import type { Clone } from '../../adapters/git/command.ts';
import { listLedgers, refNames } from '../../ledger/refs.ts';
import { readFile } from '../../adapters/git/trees.ts';
import type { Plan } from '../../domain/config/plan.ts';
import { isUrl } from '../../domain/config/repository.ts';

/** Why a loop may not have its branch: another loop of the repository has the same. One line with the remedy, or null. */
export async function branchConflict(
  clone: Clone,
  repository: string,
  { loopId, branch }: { loopId: string; branch: string },
): Promise<string | null> {
  const others = (await listLedgers(repository)).filter((ledger) => ledger.loopId !== loopId);
  await fetchCommits(
    clone,
    repository,
    others.map(({ sha }) => sha),
  );
  for (const other of others) {
    if ((await branchIn(clone, other.sha)) !== branch) continue;
    const removal = isUrl(repository)
      ? `git push ${repository} --delete ${refNames(other.loopId, '').ledger}`
      : `npx karpathy-loop clean --refs ${other.loopId}`;
    return `branch: "${branch}" is the branch of loop "${other.loopId}" too; set "branch" to another name, or remove what that loop recorded (${removal})`;
  }
  return null;
}

/** Somebody else's ledger may hold anything. */
async function branchIn(clone: Clone, ledger: string): Promise<string | null> {
  try {
    return (
      (JSON.parse((await readFile(clone, ledger, 'loop.json'))?.toString('utf8') ?? '') as Partial<Plan>).branch ?? null
    );
  } catch {
    return null;
  }
}
