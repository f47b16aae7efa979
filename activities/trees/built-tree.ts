import { constants, type Dirent } from 'node:fs';
import { cp, lstat, open, readdir, readlink, rm, utimes, type FileHandle } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { treeMount } from '../../domain/names.ts';
import { staysInside } from '../../adapters/sandbox/bubblewrap/mounts.ts';

/** Kind of a path: `special` is a pipe, device or socket, or a directory that cannot be read. */
export type Kind = 'file' | 'link' | 'special';

/** Everything in a directory but directories, by path; no link is followed. */
export async function walk(root: string): Promise<Map<string, Kind>> {
  const found = new Map<string, Kind>();
  const visit = async (directory: string): Promise<void> => {
    const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => null);
    if (!entries) found.set(directory, 'special');
    for (const entry of entries ?? []) {
      const path = directory ? `${directory}/${entry.name}` : entry.name;
      if (entry.isDirectory()) await visit(path);
      else found.set(path, await kindOf(join(root, path), entry));
    }
  };
  await visit('');
  return found;
}

/** Compares links by target, and files by bytes and executable bit. */
export async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => lstat(path).catch(() => null)));
  if (!a || !b) return a === b;
  if (a.isSymbolicLink() && b.isSymbolicLink()) return (await readlink(one)) === (await readlink(other));
  return (
    a.isFile() &&
    b.isFile() &&
    a.size === b.size &&
    (a.mode & 0o100) === (b.mode & 0o100) &&
    (await haveSameBytes(one, other, a.size))
  );
}

/** Tells if a link stays in its tree, which the sandbox shows at `treeMount`. */
export async function leadsInside(root: string, path: string): Promise<boolean> {
  const target = await readlink(join(root, path));
  const written = target.startsWith(`${treeMount}/`)
    ? target.slice(treeMount.length + 1)
    : target.startsWith('/')
      ? '..'
      : join(dirname(path), target);
  if (normalize(written).startsWith('..')) return false;
  return (await lstat(join(root, written)).catch(() => null)) === null || staysInside(root, written);
}

/** A copy with the times of the original, so that a build sees what is up to date. */
export async function copyTree(from: string, to: string): Promise<void> {
  const mode = constants.COPYFILE_FICLONE;
  await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode });
}

/** Copies one path of a tree into another, with the time of now; removes it where the first has none. */
export async function replace(from: string, to: string, path: string): Promise<void> {
  await rm(join(to, path), { recursive: true, force: true });
  if (await lstat(join(from, path)).catch(() => null))
    await cp(join(from, path), join(to, path), { verbatimSymlinks: true });
}

/** Gives files the time of now, as if they had just been written. */
export async function touch(root: string, paths: Iterable<string>): Promise<void> {
  const now = new Date();
  for (const path of paths) {
    const place = join(root, path);
    if ((await lstat(place).catch(() => null))?.isFile()) await utimes(place, now, now);
  }
}

async function kindOf(path: string, entry: Dirent): Promise<Kind> {
  // Not every file system tells the kind in its listing.
  const isSpecial = entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
  const facts = entry.isFile() || entry.isSymbolicLink() || isSpecial ? entry : await lstat(path);
  return facts.isFile() ? 'file' : facts.isSymbolicLink() ? 'link' : 'special';
}

const chunkBytes = 1024 * 1024;

/** Compares files of one size; unreadable ones differ. */
async function haveSameBytes(one: string, other: string, size: number): Promise<boolean> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const files: FileHandle[] = [];
  const [a, b] = [0, 1].map(() => Buffer.allocUnsafe(Math.min(size, chunkBytes))) as [Buffer, Buffer];
  try {
    for (const path of [one, other]) files.push(await open(path, flags));
    for (let at = 0; at < size;) {
      const read = await files[0]!.read(a, 0, a.length, at);
      const readOther = await files[1]!.read(b, 0, a.length, at);
      if (read.bytesRead === 0 || read.bytesRead !== readOther.bytesRead) return false;
      if (!a.subarray(0, read.bytesRead).equals(b.subarray(0, read.bytesRead))) return false;
      at += read.bytesRead;
    }
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}
