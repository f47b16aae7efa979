import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loopPaths } from '../../store/layout.ts';
import { measure } from './execute.ts';
import type { OpenLoop, Resources } from '../loop/resources.ts';

const maxProfiles = 8;
const maxProfileBytes = 32 * 1024 * 1024;

/** A second run, since profiling would spoil the metric. A program that leaves no profile is not an error. */
export async function takeProfile(
  resources: Resources,
  loop: OpenLoop,
  seen: Parameters<typeof measure>[2],
  directory: string,
  signal: AbortSignal,
): Promise<boolean> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await measure(resources, loop, seen, { benchSeed: loop.plan.config.seed, signal, profile: directory });
  return (await readdir(directory)).some((name) => name.endsWith('.cpuprofile'));
}

/** The profiles that `collect` took of a champion, as parsed JSON; what is none is null. The program wrote them, so nothing there is trusted. */
export async function readProfiles(loop: OpenLoop, champion: string): Promise<unknown[]> {
  const directory = loopPaths(loop.directory).profile(champion);
  const names = await readdir(directory).catch(() => []);
  const profiles: unknown[] = [];
  // One after the other, so that only one is in memory as text.
  for (const name of names.filter((one) => one.endsWith('.cpuprofile')).slice(0, maxProfiles))
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
