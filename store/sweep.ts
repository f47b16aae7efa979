import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { removeTree } from './discard.ts';
import { isTemporary, writeAtomically } from './files.ts';
import { closedDirectories, dataPaths, doctorPrefix, loopPaths } from './layout.ts';

/** Removes what dead attempts left, and returns it relative to `data`. Call it under the worker's lock: then none is alive. */
export async function sweep(data: string): Promise<string[]> {
  const { bootId, workerId, loops, checks, setups, bases, clones, removed, builds } = dataPaths(data);
  const boot = await bootSince(bootId);
  const ours = [bootId, workerId].map((path) => basename(path));
  const found = [
    // Written without waiting for the disk: after a power cut an export may stand under its final name with empty files.
    ...(boot === null ? [] : [...(await inEach(loops, treesIn)), ...(await inEach(checks, treesIn))]),
    ...(await pathsIn(data, ({ name }) => isTemporary(name) && ours.some((one) => name.startsWith(`${one}.`)))),
    ...(await pathsIn(removed, () => true)),
    ...(await pathsIn(setups, ({ name }) => isTemporary(name))),
    ...(await pathsIn(builds, ({ name }) => isTemporary(name))),
    ...(await inEach(bases, leftBelow)),
    ...(await oldIn(bases)),
    ...(await pathsIn(clones, ({ name }) => isTemporary(name))),
    // No other attempt of a doctor takes up its directory.
    ...(await pathsIn(checks, ({ name }) => name.startsWith(doctorPrefix))),
    ...(await inEach(clones, leftInClone)),
    // A loop itself may have a name that looks temporary: only what lies below it is looked at.
    ...(await inEach(loops, leftBelow)),
    ...(await inEach(checks, leftBelow)),
  ];
  for (const path of found) await removeTree(path);
  // On a full disk this fails, and the next start removes as much again.
  if (boot !== null) await writeAtomically(bootId, `${boot}\n`).catch(() => undefined);
  return found.map((path) => relative(data, path));
}

/** @returns the id of this boot of the machine, or null where the file has the same */
async function bootSince(file: string): Promise<string | null> {
  const [boot, known] = await Promise.all(
    ['/proc/sys/kernel/random/boot_id', file].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return boot === known ? null : boot!.trim();
}

/** Facts on a base are found again after this time: the machine may have changed. */
const maxAgeMs = 30 * 24 * 3_600_000;

async function oldIn(directory: string): Promise<string[]> {
  const paths = await pathsIn(directory, () => true);
  const ages = await Promise.all(paths.map((path) => stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs)));
  return paths.filter((_path, index) => ages[index]! > maxAgeMs);
}

async function treesIn(loop: string): Promise<string[]> {
  return pathsIn(loop, ({ name }) => join(loop, name) === loopPaths(loop).trees);
}

async function leftBelow(directory: string): Promise<string[]> {
  const left: string[] = [];
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (isTemporary(entry.name)) left.push(path);
    else if (entry.isDirectory() && !closedDirectories.has(entry.name)) left.push(...(await leftBelow(path)));
  }
  return left;
}

/** Finds temporary indices, locks, and objects that were being written. */
async function leftInClone(clone: string): Promise<string[]> {
  const objects = join(clone, 'objects');
  const halfObjects = (directory: string) => pathsIn(directory, ({ name }) => /^(tmp_|incoming-)/.test(name));
  return [
    ...(await pathsIn(clone, ({ name }) => name.startsWith('index-') || name.endsWith('.lock'))),
    ...(await halfObjects(objects)),
    ...(await inEach(objects, halfObjects)),
    ...(await locksBelow(join(clone, 'refs'))),
  ];
}

async function locksBelow(directory: string): Promise<string[]> {
  const left = await inEach(directory, locksBelow);
  return [...left, ...(await pathsIn(directory, (entry) => entry.isFile() && entry.name.endsWith('.lock')))];
}

async function inEach(directory: string, look: (below: string) => Promise<string[]>): Promise<string[]> {
  const left: string[] = [];
  for (const entry of await entriesOf(directory))
    if (entry.isDirectory()) left.push(...(await look(join(directory, entry.name))));
  return left;
}

async function pathsIn(directory: string, isLeft: (entry: Dirent) => boolean): Promise<string[]> {
  return (await entriesOf(directory)).filter(isLeft).map(({ name }) => join(directory, name));
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  return readdir(directory, { withFileTypes: true }).catch(() => []);
}
