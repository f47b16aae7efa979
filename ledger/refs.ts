import { isUrl } from '../domain/config/repository.ts';
import { git, type Place } from '../adapters/git/command.ts';
import { listRemoteRefs } from '../adapters/git/network.ts';
import { readRefFiles } from '../adapters/git/ref-files.ts';

/** Refs of one loop, by what they hold; null where there is none. */
export interface LoopRefs {
  ledger: string | null;
  /** Holds the champion while the results branch is checked out somewhere. */
  champion: string | null;
  branch: string | null;
}

/** All loops' refs lie below it. */
export const loopRefs = 'refs/karpathy-loop';

/** Full names of a loop's refs in the repository that it improves. `branch` is given without refs/heads/. */
export function refNames(loopId: string, branch: string): Record<keyof LoopRefs, string> {
  const own = `${loopRefs}/${loopId}`;
  return { ledger: `${own}/ledger`, champion: `${own}/champion`, branch: `refs/heads/${branch}` };
}

/** The same in the worker's clone, where the branch has no name that could stand in another's way. */
export function cloneRefNames(loopId: string): Record<keyof LoopRefs, string> {
  return { ...refNames(loopId, ''), branch: `${loopRefs}/${loopId}/branch` };
}

/** At a URL nobody looks at a branch, so that no champion ever waits beside it. */
export async function readRefs(place: Place, names: Record<keyof LoopRefs, string>): Promise<LoopRefs> {
  const found = await refsNamed(place, isRemote(place) ? [names.ledger, names.branch] : Object.values(names));
  const at = (key: keyof LoopRefs) => found.get(names[key]) ?? null;
  return { ledger: at('ledger'), champion: at('champion'), branch: at('branch') };
}

/** What the refs of these full names hold; those that are not there are left out. */
async function refsNamed(place: Place, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const read = isRemote(place) ? null : await readRefFiles(place, names);
  return read ?? new Map((await listRefs(place, names)).map(({ name, sha }) => [name, sha]));
}

/** What one ref holds, by its full name; null where there is none. */
export async function readRef(place: Place, name: string): Promise<string | null> {
  return (await refsNamed(place, [name])).get(name) ?? null;
}

/** The refs of these names, and those below them as if the names were directories. */
export async function listRefs(place: Place, names: readonly string[]): Promise<{ name: string; sha: string }[]> {
  if (isRemote(place)) return listRemoteRefs(place, names);
  const output = await git(place, ['for-each-ref', '--format=%(objectname) %(refname)', ...names]);
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ sha: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }));
}

/** Ids and ledgers of the loops in a repository. */
export async function listLedgers(place: Place): Promise<{ loopId: string; sha: string }[]> {
  const refs = await listRefs(place, [loopRefs]);
  return refs.flatMap(({ name, sha }) => {
    const loopId = loopIdOf(name);
    return loopId ? [{ loopId, sha }] : [];
  });
}

/** Returns the loop of a ledger's ref; undefined for any other ref. */
export function loopIdOf(refName: string): string | undefined {
  return new RegExp(`^${loopRefs}/(.+)/ledger$`).exec(refName)?.[1];
}

function isRemote(place: Place): place is string {
  return typeof place === 'string' && isUrl(place);
}

/** The champion as the repository has it: its own ref while the branch is pending, else the branch; null before the first commit. */
export async function championOf(repository: string, loopId: string, branch: string): Promise<string | null> {
  const refs = await readRefs(repository, refNames(loopId, branch));
  return refs.champion ?? refs.branch;
}
