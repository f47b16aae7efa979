import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes beside and renames, so that a kill leaves the old file or the new one. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = uniqueBeside(file);
  const handle = await open(temporary, 'w');
  await handle.writeFile(content);
  await handle.sync();
  await handle.close();
  await rename(temporary, file);
}

/** Gives a temporary name beside `path` that no other attempt has, in this process or another. */
export function uniqueBeside(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}`;
}

/** Recognizes what `uniqueBeside` gave: at a worker's start, something unfinished of a dead attempt. */
export function isTemporary(name: string): boolean {
  return /\.\d+-[0-9a-f]{8}$/.test(name);
}

/** @returns null where the file is missing or cannot be read */
export async function readJson<T>(file: string): Promise<T | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as T);
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
