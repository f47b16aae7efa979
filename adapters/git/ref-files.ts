import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCache } from '../cache.ts';
import { git, type Place } from './command.ts';

/** Holds for as long as the same .git stands at a path. */
const commonDirectories = createCache({ max: 100 });

/** The directory in which a repository on this host keeps its refs, whichever of its worktrees is named. */
export async function commonDirectory(place: Place): Promise<string> {
  if (typeof place !== 'string') return place.directory;
  const { ino = 0, birthtimeMs = 0 } = (await lstat(join(place, '.git')).catch(absent)) ?? {};
  return commonDirectories(`${place} ${ino} ${birthtimeMs}`, async () =>
    (await git(place, ['rev-parse', '--path-format=absolute', '--git-common-dir'])).replace(/\n$/, ''),
  );
}

/**
 * Reads refs by full name from git's files, since to start git each time was a fifth of an iteration's overhead.
 * Null where only git can tell.
 */
export async function readRefFiles(place: Place, names: readonly string[]): Promise<Map<string, string> | null> {
  // A name that leads elsewhere is no ref; of a plan in somebody's ledger it may not have been checked yet.
  if (names.some((name) => name.split('/').some((part) => part === '' || part.startsWith('.')))) return null;
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
  const packed = missing.length > 0 ? await readFile(join(directory, 'packed-refs')).catch(absent) : null;
  if (packed === null || packed.length === 0) return found;
  // Damaged: git is to say so.
  if (packed.at(-1) !== newline || packed.includes(0)) return null;
  for (const name of missing) {
    const at = packed.indexOf(` ${name}\n`);
    if (at < 0) continue;
    const sha = packed.toString('latin1', packed.lastIndexOf(newline, at) + 1, at);
    if (!objectId.test(sha)) return null;
    found.set(name, sha);
  }
  return found;
}

const newline = 10;
const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})\s*$/;

/** Tells the kind of a path itself; follows no link. */
export async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'none'> {
  try {
    const entry = await lstat(path);
    return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    absent(error);
    return 'none';
  }
}

/** @throws whatever says something else than that there is no such file */
export function absent(error: unknown): null {
  if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
  throw error;
}
