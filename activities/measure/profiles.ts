import { mkdir, opendir, rm } from 'node:fs/promises';
import { askProcess } from '../../adapters/limited-process.ts';
import type { Hotspot } from '../../domain/steps.ts';
import { loopPaths } from '../../store/layout.ts';
import type { HeldContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { measure } from './execute.ts';

/** Bounds of reading what a program wrote: far above what honest profiles need on a busy machine. */
const defaults = { seconds: 45, memoryMiB: 512 };

/** Hotspots of a champion's profiles, and a doubt about these; else null. */
interface ProfileReading {
  hotspots: Hotspot[];
  doubt: string | null;
}

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
  for await (const { name } of await opendir(profile)) if (name.endsWith('.cpuprofile')) return true;
  return false;
}

/** Reads a champion's profiles in a process of bounded memory and time. The program wrote them: nothing is trusted. */
export async function readProfiles(
  loop: Pick<OpenLoop, 'directory'>,
  champion: string,
  editable: ReadonlySet<string>,
  bounds = defaults,
): Promise<ProfileReading> {
  const question = { directory: loopPaths(loop.directory).profile(champion), editable: [...editable] };
  const answer = await askProcess(new URL('./profile-reader.mjs', import.meta.url), question, bounds);
  const { hotspots, unread } = (answer ?? { hotspots: [], unread: null }) as {
    hotspots: Hotspot[];
    unread: number | null;
  };
  if (unread === 0) return { hotspots, doubt: null };
  const fact =
    unread === null
      ? `the champion's cannot be read within ${bounds.seconds} s and ${bounds.memoryMiB} MiB`
      : `${unread} of the champion's cannot be read`;
  return { hotspots, doubt: `profile: ${fact}; the loop goes on without; see what the benchmark writes to /profile` };
}
