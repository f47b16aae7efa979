import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeAtomically } from './files.ts';
import { removeTree } from './remove-tree.ts';
import { sweepCgroups } from '../adapters/sandbox/limits/cgroup.ts';

/** Names of what was being made when its process died: `<name>.<pid>-<random>`, given by uniqueBeside, exportTree and openClone. */
const unfinished = /\.\d+-[0-9a-z]{4,}$/;
/** Below these lies what a loop's own commands made, or what never has a temporary name. */
const closed: ReadonlySet<string> = new Set(['export', 'built', 'profile', 'decisions', 'lock']);

/**
 * Removes what dead attempts left: to be called at a worker's start by whoever holds the data directory's lock, so that everything unfinished in it
 * is of the dead. Of control groups, which all workers of a machine share, only those go whose owner is dead. After a boot exported trees go.
 * @returns what was removed, directories and files relative to the data directory
 */
export async function sweep(dataDirectory: string): Promise<string[]> {
  const at = (...names: string[]) => join(dataDirectory, ...names);
  const boot = await bootSince(at('boot-id'));
  const found = [
    ...(boot === null ? [] : [...(await inEach(at('loops'), exportsIn)), ...(await inEach(at('checks'), exportsIn))]),
    ...(await pathsIn(dataDirectory, ({ name }) => /^(worker-id|boot-id)\./.test(name) && unfinished.test(name))),
    ...(await pathsIn(at('removed'), () => true)),
    ...(await pathsIn(at('setups'), ({ name }) => unfinished.test(name))),
    ...(await pathsIn(at('clones'), ({ name }) => /\.git\.\d+-[0-9a-z]+$/.test(name))),
    // A doctor's is never taken up again by another attempt.
    ...(await pathsIn(at('checks'), ({ name }) => name.startsWith('doctor-'))),
    ...(await inEach(at('clones'), leftInClone)),
    // A loop may itself be named like something unfinished, so that only what lies below is looked at.
    ...(await inEach(at('loops'), leftBelow)),
    ...(await inEach(at('checks'), leftBelow)),
  ];
  for (const path of found) await removeTree(path);
  // Where the disk is too full for it, the next start removes as much again.
  if (boot !== null) await writeAtomically(at('boot-id'), `${boot}\n`).catch(() => undefined);
  return [
    ...found.map((path) => relative(dataDirectory, path)),
    ...(await sweepCgroups()).map((name) => `control group ${name}`),
  ];
}

/** The id of this boot of the machine where it is another than the one in the file. */
async function bootSince(file: string): Promise<string | null> {
  const [boot, known] = await Promise.all(
    ['/proc/sys/kernel/random/boot_id', file].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  return boot === known ? null : boot!.trim();
}

/** Many files, written without waiting for the disk: where the power went, an export may stand under its final name with empty ones. */
async function exportsIn(loop: string): Promise<string[]> {
  return pathsIn(loop, ({ name }) => name === 'trees');
}

async function leftBelow(directory: string): Promise<string[]> {
  const left: string[] = [];
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (unfinished.test(entry.name)) left.push(path);
    else if (entry.isDirectory() && !closed.has(entry.name)) left.push(...(await leftBelow(path)));
  }
  return left;
}

/** Passing indices, locks of refs and files, and objects that were being written, in a bare clone of ours. */
async function leftInClone(clone: string): Promise<string[]> {
  const inObjects = await inEach(join(clone, 'objects'), (directory) =>
    pathsIn(directory, ({ name }) => name.startsWith('tmp_')),
  );
  return [
    ...(await pathsIn(clone, ({ name }) => name.startsWith('index-') || name.endsWith('.lock'))),
    ...(await pathsIn(join(clone, 'objects'), ({ name }) => name.startsWith('tmp_') || name.startsWith('incoming-'))),
    ...inObjects,
    ...(await locksBelow(join(clone, 'refs'))),
  ];
}

/** No ref's name may end so. */
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
