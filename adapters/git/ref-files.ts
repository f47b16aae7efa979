import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, type Place } from './command.ts';

/** What git says of a place for as long as it stands there, by path. */
const commonDirectories = new Map<string, string>();

/** The directory in which a repository on this host keeps its refs, whichever of its worktrees is named. */
export async function commonDirectory(place: Place): Promise<string> {
  if (typeof place !== 'string') return place.directory;
  const known = commonDirectories.get(place);
  if (known && (await kindOf(join(known, 'HEAD'))) !== 'none') return known;
  const directory = (await git(place, ['rev-parse', '--path-format=absolute', '--git-common-dir'])).replace(/\n$/, '');
  commonDirectories.set(place, directory);
  return directory;
}

/**
 * Refs by full name, those that are there, read from git's files: an iteration looks at refs so often that to start git each time was a fifth of its
 * overhead. Null where only git can tell: in another storage than files, of a symbolic or a broken ref.
 */
export async function readRefFiles(place: Place, names: readonly string[]): Promise<Map<string, string> | null> {
  const directory = await commonDirectory(place);
  if ((await kindOf(join(directory, 'reftable'))) !== 'none') return null;
  const found = new Map<string, string>();
  const missing: string[] = [];
  for (const name of names) {
    const kind = await kindOf(join(directory, name));
    const content = kind === 'file' ? await readFile(join(directory, name), 'latin1').catch(absent) : null;
    if (content === null && kind !== 'other') missing.push(name);
    else if (content !== null && objectId.test(content)) found.set(name, content.trim());
    else return null;
  }
  // After the loose ones: a ref is written here before its own file goes.
  const packed = missing.length > 0 ? ((await readFile(join(directory, 'packed-refs'), 'utf8').catch(absent)) ?? '') : '';
  for (const name of missing) {
    const at = packed.indexOf(` ${name}\n`);
    if (at >= 0) found.set(name, packed.slice(packed.lastIndexOf('\n', at) + 1, at));
  }
  return found;
}

const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})\s*$/;

/** What lies at a path itself, not where a link there leads. */
export async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'none'> {
  try {
    const entry = await lstat(path);
    return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    absent(error);
    return 'none';
  }
}

/** @throws whatever says something else than that there is nothing */
function absent(error: unknown): null {
  if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
  throw error;
}
