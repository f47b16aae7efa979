import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../domain/config/plan.ts';
import { discard } from './discard.ts';
import { readJson, writeAtomically } from './files.ts';
import { dataPaths, loopPaths } from './layout.ts';

/** @returns null where the directory of a loop has no plan yet */
export function readPlan(directory: string): Promise<Plan | null> {
  return readJson<Plan>(loopPaths(directory).plan);
}

export function writePlan(directory: string, plan: Plan): Promise<void> {
  return writeAtomically(loopPaths(directory).plan, JSON.stringify(plan));
}

/** Removes the files of a loop and of checks of its commits; returns the directories that there were. */
export async function removeLoopFiles(data: string, loopId: string): Promise<string[]> {
  const { loop, check } = dataPaths(data);
  const directories = [loop(loopId), check(loopId)].filter(existsSync);
  for (const directory of directories) await discard(data, directory);
  return directories;
}

/** Lists the bare clones of a data directory, by path. */
export async function listClones(data: string): Promise<string[]> {
  const { clones } = dataPaths(data);
  const names = await readdir(clones).catch(() => []);
  return names.filter((name) => name.endsWith('.git')).map((name) => join(clones, name));
}
