import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { bringUpToDate } from '../../adapters/git/clone.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import type { CollectAnswer, IterationRef } from '../../domain/steps.ts';
import { baseFacts } from '../measure/baseline.ts';
import { measure } from '../measure/execute.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { checkSha, openLoop, type OpenLoop, type Resources } from '../loop/resources.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { makeRunnable } from '../trees/runnable.ts';

const maxProfiles = 8;
const maxProfileBytes = 32 * 1024 * 1024;

/** Measures and profiles the champion once on this worker; later iterations on the same champion read the result. */
export async function collect(resources: Resources, input: IterationRef): Promise<CollectAnswer> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    checkSha('champion', input.champion);
    await bringUpToDate(loop.clone, loop.repository, loop.plan, input.champion);
    const place = join(loop.directory, 'collected', input.champion);
    const known = await readJson<Omit<CollectAnswer, 'queue'>>(join(place, 'collected.json'));
    if (known) return { ...known, queue: resources.queue };
    // A worker that has not seen this base looks at it first.
    const { workspace } = await baseFacts(resources, loop, signal);
    const made = await makeRunnable(resources, loop, input.champion, signal);
    if (!made.ok)
      throw ApplicationFailure.create({
        message: `champion: ${made.detail}`,
        type: 'ChampionFailed',
        nonRetryable: !made.isOfBase,
      });
    const seen = { ...made.runnable, workspace };
    return withMachineLock(
      async () => {
        const run = await measure(resources, loop, seen, { benchSeed: loop.plan.config.seed, signal });
        if (!run.ok) throw ApplicationFailure.retryable(`champion: ${run.problem}`, 'ChampionFailed');
        const profiled =
          loop.plan.config.profile === 'auto' && (await takeProfile(resources, loop, seen, place, signal));
        const collected = { profile: profiled ? input.champion : null, metric: run.metric };
        await writeAtomically(join(place, 'collected.json'), JSON.stringify(collected));
        return { ...collected, queue: resources.queue };
      },
      { signal },
    );
  });
}

/** The profiles that `collect` took of a champion, as parsed JSON; what is none is null. The program wrote them, so nothing there is trusted. */
export async function readProfiles(loop: OpenLoop, champion: string): Promise<unknown[]> {
  const directory = join(loop.directory, 'collected', champion, 'profile');
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

/** A second run, since profiling would spoil the metric. A program that leaves no profile is not an error. */
async function takeProfile(
  resources: Resources,
  loop: OpenLoop,
  seen: Parameters<typeof measure>[2],
  place: string,
  signal: AbortSignal,
): Promise<boolean> {
  const directory = join(place, 'profile');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await measure(resources, loop, seen, { benchSeed: loop.plan.config.seed, signal, profile: directory });
  return (await readdir(directory)).some((name) => name.endsWith('.cpuprofile'));
}
