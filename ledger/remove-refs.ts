import { gitBytes, type Place } from '../adapters/git/command.ts';
import { listRefs } from './refs.ts';

/** Deletes the refs of these full names, all or none, where each is still what it was when it was looked up; returns those that were there. No hook runs. */
export async function removeRefs(place: Place, names: readonly string[]): Promise<string[]> {
  // What is listed below a name, as if it were a directory, is of others.
  const found = (await listRefs(place, names)).filter(({ name }) => names.includes(name));
  if (found.length > 0)
    await gitBytes(place, ['update-ref', '--no-deref', '--stdin'], {
      input: found.map(({ name, sha }) => `delete ${name} ${sha}\n`).join(''),
    });
  return found.map(({ name }) => name);
}
