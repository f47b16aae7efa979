import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { measure } from './execute.ts';
import { loopPaths } from '../../store/layout.ts';
import type { HeldContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

const maxProfiles = 8;
const maxProfileBytes = 32 * 1024 * 1024;

/** Runs once more, since profiling would spoil the metric. A program that leaves no profile is not an error. */
export async function takeProfile(
  context: HeldContext,
  tree: Parameters<typeof measure>[1],
  champion: string,
): Promise<boolean> {
  const { directory, plan } = context.loop;
  const profile = loopPaths(directory).profile(champion);
  await rm(profile, { recursive: true, force: true });
  await mkdir(profile, { recursive: true });
  await measure(context, tree, { benchSeed: plan.config.seed, profile });
  return (await readdir(profile)).some(isProfile);
}

/** Parses the profiles of a champion; null for one that cannot be read. The program wrote them: nothing is trusted. */
export async function readProfiles(loop: OpenLoop, champion: string): Promise<unknown[]> {
  const directory = loopPaths(loop.directory).profile(champion);
  const names = await readdir(directory).catch(() => []);
  const profiles: unknown[] = [];
  // One after the other, so that only one is in memory as text.
  for (const name of names.filter(isProfile).slice(0, maxProfiles))
    profiles.push(await readProfile(join(directory, name)).catch(() => null));
  return profiles;
}

/** No link is followed, and no pipe is waited for. */
async function readProfile(path: string): Promise<unknown> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    return facts.isFile() && facts.size <= maxProfileBytes ? JSON.parse(await file.readFile('utf8')) : null;
  } finally {
    await file.close();
  }
}

function isProfile(name: string): boolean {
  return name.endsWith('.cpuprofile');
}
