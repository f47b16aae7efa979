import { isUrl } from '../domain/config/repository.ts';
import type { BranchPending } from '../domain/steps.ts';
import { GitFailure, gitOrNull, type Clone } from '../adapters/git/command.ts';
import { moveRefs, wasRaced } from './move-refs.ts';
import { NetworkFailure } from '../adapters/git/network-failure.ts';
import { readLoopRefs, refNames, type LoopBranch, type LoopRefs, type RefUpdate } from './refs.ts';
import { syncLoop } from './sync.ts';
import { isCheckedOut } from '../adapters/git/worktrees.ts';

export interface Publication extends LoopBranch {
  /** `old` null: the ledger begins. `old` equal to `new`: it stays, and the branch may follow. */
  ledger: { old: string | null; new: string };
  /** Null where the champion stays. A missing branch is made; `old` is ignored. */
  champion: { old: string | null; new: string } | null;
}

export type PublishResult =
  | { kind: 'published'; branchPending: BranchPending | null }
  /** Another writer was first: nothing was changed. */
  | { kind: 'stale'; what: 'ledger' | 'champion'; detail: string };

/** Times that the refs are read again when they moved between reading and writing. */
const maxTries = 3;

/**
 * Brings new commits into the repository and moves ledger and champion together, by compare-and-swap: both or none.
 * Repeating it is a no-op, and nothing else in the repository changes. The clone's refs follow.
 * @throws GitFailure where git cannot write, as when another git process holds a lock for long; NetworkFailure of a URL
 */
export async function publish(clone: Clone, repository: string, publication: Publication): Promise<PublishResult> {
  const { loopId, branch, ledger, champion } = publication;
  for (let tries = 1; ; tries++) {
    const plan = await planUpdates(clone, repository, publication);
    try {
      if (plan.updates.length > 0) await moveRefs(clone, repository, plan.updates);
    } catch (error) {
      // A server refuses the same again, but a ref that moved meanwhile is read again.
      const mayPass = error instanceof NetworkFailure ? wasRaced(error) : error instanceof GitFailure;
      if (mayPass && tries < maxTries) continue;
      throw error;
    }
    await syncLoop(clone, repository, { loopId, branch }, [ledger.new, ...(champion ? [champion.new] : [])]);
    return plan.result;
  }
}

/** Takes back the ledger of a loop that is refused after all, if nothing was added to it. */
export async function withdrawLedger(
  clone: Clone,
  repository: string,
  { loopId, branch, head }: LoopBranch & { head: string },
): Promise<void> {
  await moveRefs(clone, repository, [{ name: refNames(loopId, branch).ledger, old: head, new: null }]);
  await syncLoop(clone, repository, { loopId, branch });
}

interface UpdatePlan {
  result: PublishResult;
  /** Empty where everything is in place. */
  updates: RefUpdate[];
}

async function planUpdates(clone: Clone, repository: string, publication: Publication): Promise<UpdatePlan> {
  const { loopId, branch, ledger, champion } = publication;
  const names = refNames(loopId, branch);
  const [refs, held] = await Promise.all([
    readLoopRefs(repository, names, clone.signal),
    isUrl(repository) ? false : isCheckedOut(repository, branch),
  ]);
  if (refs.ledger !== ledger.new && refs.ledger !== ledger.old)
    return stale('ledger', `${names.ledger} is at ${refs.ledger ?? 'nothing'}, not at ${ledger.old ?? 'nothing'}`);
  const current = refs.champion ?? refs.branch;
  if (champion && current !== null && current !== champion.old && current !== champion.new) {
    const name = refs.champion ? names.champion : names.branch;
    return stale('champion', `${name} is at ${current}, not at ${champion.old ?? 'nothing'}: someone else moved it`);
  }
  const target = champion?.new ?? current;
  const moved = !held && (await wasMoved(repository, refs));
  if (moved && champion)
    return stale(
      'champion',
      `${names.branch} was moved while ${names.champion} waited for it; move it back, or delete it`,
    );
  const pending = held ? 'checked out' : moved ? 'moved' : null;
  const updates: RefUpdate[] = [{ name: names.ledger, old: refs.ledger, new: ledger.new }];
  if (pending) {
    // The branch is not to be touched, nor even verified: that adds a line to HEAD's log.
    updates.push({ name: names.champion, old: refs.champion, new: target === current ? refs.champion : target });
  } else {
    updates.push({ name: names.branch, old: refs.branch, new: target });
    updates.push({ name: names.champion, old: refs.champion, new: null });
  }
  const branchPending = target === refs.branch ? null : pending;
  return { result: { kind: 'published', branchPending }, updates: updates.filter((one) => one.old !== one.new) };
}

function stale(what: 'ledger' | 'champion', detail: string): UpdatePlan {
  return { result: { kind: 'stale', what, detail }, updates: [] };
}

/** Tells whether the branch has left the line that leads to its pending champion: only its user can have moved it. */
async function wasMoved(repository: string, { champion, branch }: LoopRefs): Promise<boolean> {
  if (!champion || !branch) return false;
  return (await gitOrNull(repository, ['merge-base', '--is-ancestor', branch, champion])) === null;
}
