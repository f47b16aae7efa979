import { isUrl } from '../../domain/config/repository.ts';
import { git, type Place } from './command.ts';
import { gitNetwork } from './network.ts';
import { readRefFiles } from './ref-files.ts';

export interface Ref {
  /** In full, as refs/heads/main. */
  name: string;
  sha: string;
}

/** Reads the refs of these full names, by name; leaves out those that are not there. `signal` ends what reaches a URL. */
export async function readRefs(
  place: Place,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const read = isRemote(place) ? null : await readRefFiles(place, names);
  return read ?? new Map((await listRefs(place, names, signal)).map(({ name, sha }) => [name, sha]));
}

/** @returns null where there is no ref of this full name */
export async function readRef(place: Place, name: string, signal?: AbortSignal): Promise<string | null> {
  return (await readRefs(place, [name], signal)).get(name) ?? null;
}

/** Lists the refs of these names, and those below them as if the names were directories. */
export async function listRefs(place: Place, names: readonly string[], signal?: AbortSignal): Promise<Ref[]> {
  if (isRemote(place)) return listRemoteRefs(place, names, signal);
  const output = await git(place, ['for-each-ref', '--format=%(objectname) %(refname)', ...names]);
  const lines = output.split('\n').filter(Boolean);
  return lines.map((line) => ({ sha: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }));
}

async function listRemoteRefs(url: string, names: readonly string[], signal?: AbortSignal): Promise<Ref[]> {
  const patterns = names.flatMap((name) => [name, `${name.replace(/\/$/, '')}/*`]);
  const output = await gitNetwork(url, ['ls-remote', '--end-of-options', url, ...patterns], { signal });
  const listed = output.split('\n').flatMap((line) => {
    const [sha, name] = line.split('\t');
    return sha && name ? [{ sha, name }] : [];
  });
  // Git matches the end of a name: "x/refs/heads/a" would do for "refs/heads/a".
  return listed.filter((ref) =>
    names.some((name) => ref.name === name || ref.name.startsWith(`${name.replace(/\/$/, '')}/`)),
  );
}

export function isRemote(place: Place): place is string {
  return typeof place === 'string' && isUrl(place);
}
