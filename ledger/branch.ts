import { fetchCommits } from '../adapters/git/clone.ts';
import type { Clone } from '../adapters/git/command.ts';
import { listRefs } from '../adapters/git/refs.ts';
import { readFile } from '../adapters/git/trees.ts';
import type { Plan } from '../domain/config/plan.ts';
import { isUrl } from '../domain/config/repository.ts';
import { planPath } from './ledger.ts';
import { listLedgers, refNames, type LoopBranch } from './refs.ts';

/** Says why a branch of the repository cannot be the loop's, in one line with the remedy; null where it can. */
export async function branchProblem(
  repository: string,
  { loopId, branch }: LoopBranch,
  signal?: AbortSignal,
): Promise<string | null> {
  const names = refNames(loopId, branch);
  const { beside, has } = await branchPlace(repository, names, signal);
  if (beside)
    return `branch: "${branch}" cannot be made beside the branch "${beside}" of ${repository}; set "branch" to another name, or rename that one (git branch -m ${beside} <name>)`;
  if (has(names.branch) && !has(names.ledger))
    return `branch: "${branch}" is in ${repository} already and not of this loop; set "branch" to another name, or rename it (git branch -m ${branch} <name>)`;
  return null;
}

/** Says why a new branch cannot be made, in one line with the remedy; null where it can. @param tip allowed where it is there already */
export async function newBranchProblem(
  repository: string,
  { loopId, branch, tip }: LoopBranch & { tip: string },
  signal?: AbortSignal,
): Promise<{ problem: string | null; isThere: boolean }> {
  const names = refNames(loopId, branch);
  const { beside, at } = await branchPlace(repository, names, signal);
  const fact = beside ? `cannot be made beside the branch "${beside}" of` : `is in`;
  const isThere = at(names.branch) === tip;
  const isFree = !beside && at(names.branch) === null;
  const problem = `branch: "${branch}" ${fact} ${repository}${beside ? '' : ' already'}; give another name with --branch`;
  return { problem: isFree || isThere ? null : problem, isThere };
}

/** Looks at a branch's ref and those that would be in its way. `beside` is the name of such a branch. */
async function branchPlace(repository: string, names: Record<'branch' | 'ledger', string>, signal?: AbortSignal) {
  const above = ancestorsOf(names.branch);
  const refs = await listRefs(repository, [...above, names.branch, names.ledger], signal);
  const at = (name: string) => refs.find((ref) => ref.name === name)?.sha ?? null;
  const has = (name: string) => at(name) !== null;
  const blocking = above.find(has) ?? refs.find(({ name }) => name.startsWith(`${names.branch}/`))?.name;
  return { at, has, beside: blocking?.replace('refs/heads/', '') ?? null };
}

/** refs/heads/a/b/c: refs/heads/a and refs/heads/a/b. */
function ancestorsOf(ref: string): string[] {
  const parts = ref.split('/');
  return parts.slice(2, -1).map((_, index) => parts.slice(0, index + 3).join('/'));
}

/** Says which other loop of the repository has the branch, in one line with the remedy; null where none has. */
export async function branchConflict(
  clone: Clone,
  repository: string,
  { loopId, branch }: LoopBranch,
): Promise<string | null> {
  const others = (await listLedgers(repository, clone.signal)).filter((ledger) => ledger.loopId !== loopId);
  const heads = others.map(({ sha }) => sha);
  await fetchCommits(clone, repository, heads);
  for (const other of others) {
    if ((await branchIn(clone, other.sha)) !== branch) continue;
    const removal = isUrl(repository)
      ? `git push ${repository} --delete ${refNames(other.loopId, '').ledger}`
      : `npx karpathy-loop clean --refs ${other.loopId}`;
    return `branch: "${branch}" is the branch of loop "${other.loopId}" too; set "branch" to another name, or, once that loop has ended, remove what it recorded (${removal})`;
  }
  return null;
}

/** Somebody else's ledger may hold anything. */
async function branchIn(clone: Clone, ledger: string): Promise<string | null> {
  try {
    const plan = JSON.parse((await readFile(clone, ledger, planPath))?.toString() ?? '') as Partial<Plan>;
    return plan.branch ?? null;
  } catch {
    return null;
  }
}
