import type { Place } from '../adapters/git/command.ts';
import { isRemote, listRefs, readRefs } from '../adapters/git/refs.ts';

/** The refs of one loop, by what they hold; null where there is none. */
export interface LoopRefs {
  ledger: string | null;
  /** Holds the champion while the results branch is checked out somewhere. */
  champion: string | null;
  branch: string | null;
}

/** A ref of the repository, with what it holds and what it is to hold; null is none. */
export interface RefUpdate {
  name: string;
  old: string | null;
  new: string | null;
}

/** A loop and its results branch, without refs/heads/. */
export interface LoopBranch {
  loopId: string;
  branch: string;
}

/** All loops' refs lie below it. */
export const loopRefs = 'refs/karpathy-loop';

/** Full names of a loop's refs in the repository that it improves. */
export function refNames(loopId: string, branch: string): Record<keyof LoopRefs, string> {
  const own = `${loopRefs}/${loopId}`;
  return { ledger: `${own}/ledger`, champion: `${own}/champion`, branch: `refs/heads/${branch}` };
}

/** The same in the worker's clone, where the branch has no name that could stand in another's way. */
export function cloneRefNames(loopId: string): Record<keyof LoopRefs, string> {
  return { ...refNames(loopId, ''), branch: `${loopRefs}/${loopId}/branch` };
}

/** Returns the loop of a ledger's ref; undefined for any other ref. */
export function loopIdOf(refName: string): string | undefined {
  return new RegExp(`^${loopRefs}/(.+)/ledger$`).exec(refName)?.[1];
}

/** Reads a loop's refs. At a URL nobody has a branch checked out, so no champion waits beside it. */
export async function readLoopRefs(
  place: Place,
  names: Record<keyof LoopRefs, string>,
  signal?: AbortSignal,
): Promise<LoopRefs> {
  const found = await readRefs(place, isRemote(place) ? [names.ledger, names.branch] : Object.values(names), signal);
  const at = (key: keyof LoopRefs) => found.get(names[key]) ?? null;
  return { ledger: at('ledger'), champion: at('champion'), branch: at('branch') };
}

/** Ids and ledgers of the loops in a repository. */
export async function listLedgers(place: Place, signal?: AbortSignal): Promise<{ loopId: string; sha: string }[]> {
  const refs = await listRefs(place, [loopRefs], signal);
  return refs.flatMap(({ name, sha }) => {
    const loopId = loopIdOf(name);
    return loopId ? [{ loopId, sha }] : [];
  });
}

/** Returns the champion as the repository has it: its own ref while the branch is pending, else the branch; null before the first commit. */
export async function championOf(
  repository: string,
  { loopId, branch }: LoopBranch,
  signal?: AbortSignal,
): Promise<string | null> {
  const refs = await readLoopRefs(repository, refNames(loopId, branch), signal);
  return refs.champion ?? refs.branch;
}
