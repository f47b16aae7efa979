import { fetchOptions, syncLoop } from './clone.ts';
import { git, gitBytes, GitFailure, gitOrNull, type Clone } from './command.ts';
import { readRefs, refNames, type LoopRefs } from './refs.ts';
import { isCheckedOut } from './worktrees.ts';

export interface Publication {
  loopId: string;
  /** Results branch, without refs/heads/. */
  branch: string;
  /** `old` null: the ledger begins. `old` equal to `new`: it stays, and the branch may follow. */
  ledger: { old: string | null; new: string };
  /** Null where the champion stays. A branch that is not there yet (or no more) is made, whatever `old` says. */
  champion: { old: string | null; new: string } | null;
}

export type Published =
  /** `heldBack`: the branch is checked out (or was moved by its user), so that the champion waits in a ref of its own. */
  | { kind: 'published'; heldBack: boolean }
  /** Another writer was first: nothing was changed. */
  | { kind: 'stale'; what: 'ledger' | 'champion'; detail: string };

/** Times that the refs are read again when they moved between reading and writing. */
const maxTries = 3;

/**
 * Brings new commits into the repository and moves ledger and champion together, by compare-and-swap: both or none.
 * Repeating it is a no-op. Nothing else in the repository changes, and none of its hooks runs. The clone's refs are brought up to date.
 * @throws GitFailure where git cannot write, as when another git process holds a lock for long
 */
export async function publish(clone: Clone, repository: string, publication: Publication): Promise<Published> {
  const { loopId, branch, ledger, champion } = publication;
  for (let tries = 1; ; tries++) {
    const plan = await planUpdates(repository, publication);
    try {
      if (plan.result.kind === 'published' && plan.commands.length > 0) {
        await bringObjects(clone, repository, champion ? [ledger.new, champion.new] : [ledger.new]);
        await updateRefs(repository, plan.commands);
      }
    } catch (error) {
      if (error instanceof GitFailure && tries < maxTries) continue;
      throw error;
    }
    await syncLoop(clone, repository, loopId, branch);
    return plan.result;
  }
}

interface UpdatePlan {
  result: Published;
  /** Lines for `git update-ref --stdin`; none where everything is in place. */
  commands: string[];
}

async function planUpdates(repository: string, publication: Publication): Promise<UpdatePlan> {
  const { loopId, branch, ledger, champion } = publication;
  const names = refNames(loopId, branch);
  const refs = await readRefs(repository, names);
  if (refs.ledger !== ledger.new && refs.ledger !== ledger.old)
    return stale('ledger', `${names.ledger} is at ${refs.ledger ?? 'nothing'}, not at ${ledger.old ?? 'nothing'}`);
  const current = refs.champion ?? refs.branch;
  if (champion && current !== null && current !== champion.old && current !== champion.new) {
    const name = refs.champion ? names.champion : names.branch;
    return stale('champion', `${name} is at ${current}, not at ${champion.old ?? 'nothing'}: someone else moved it`);
  }
  const target = champion?.new ?? current;
  const held = await isCheckedOut(repository, branch);
  const moved = !held && (await wasMoved(repository, refs));
  if (moved && champion) return stale('champion', `${names.branch} was moved while ${names.champion} waited for it; move it back, or delete it`);
  const place = held || moved ? inChampion(names, refs, target) : inBranch(names, refs, target);
  const append = refs.ledger === ledger.new ? [] : [set(names.ledger, refs.ledger, ledger.new)];
  return { result: { kind: 'published', heldBack: place.heldBack }, commands: [...append, ...place.commands] };
}

function stale(what: 'ledger' | 'champion', detail: string): UpdatePlan {
  return { result: { kind: 'stale', what, detail }, commands: [] };
}

/** Whether the branch has left the line that leads to the champion which waits for it: only its user can have done so. */
async function wasMoved(repository: string, { champion, branch }: LoopRefs): Promise<boolean> {
  if (!champion || !branch) return false;
  return (await gitOrNull(repository, ['merge-base', '--is-ancestor', branch, champion])) === null;
}

/** The branch is not to be touched, nor even verified (that adds a line to HEAD's log): a champion that differs from it waits in a ref of its own. */
function inChampion(names: Record<keyof LoopRefs, string>, refs: LoopRefs, target: string | null): { heldBack: boolean; commands: string[] } {
  const current = refs.champion ?? refs.branch;
  const commands = target === null || target === current ? [] : [set(names.champion, refs.champion, target)];
  return { heldBack: target !== null && target !== refs.branch, commands };
}

function inBranch(names: Record<keyof LoopRefs, string>, refs: LoopRefs, target: string | null): { heldBack: boolean; commands: string[] } {
  const commands = target === null || target === refs.branch ? [] : [set(names.branch, refs.branch, target)];
  return { heldBack: false, commands: refs.champion ? [...commands, `delete ${names.champion} ${refs.champion}`] : commands };
}

function set(name: string, old: string | null, sha: string): string {
  return old === null ? `create ${name} ${sha}` : `update ${name} ${sha} ${old}`;
}

/** A fetch inside the repository, since a push into it would run its hooks and be refused while someone looks at the branch. */
async function bringObjects(clone: Clone, repository: string, shas: readonly string[]): Promise<void> {
  await git(repository, ['fetch', ...fetchOptions, clone.directory, ...shas]);
}

/** One transaction. Without --no-deref a branch that is a symbolic ref would let the branch that it names be moved. */
async function updateRefs(repository: string, commands: readonly string[]): Promise<void> {
  const input = ['start', ...commands, 'prepare', 'commit', ''].join('\n');
  await gitBytes(repository, ['update-ref', '--no-deref', '--stdin', '-m', 'karpathy-loop'], { input });
}
