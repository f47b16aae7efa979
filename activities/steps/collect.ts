import { ApplicationFailure } from '@temporalio/activity';
import { bringUpToDate } from '../../ledger/sync.ts';
import { withMachineLock } from '../../adapters/lock.ts';
import type { CollectAnswer, IterationRef } from '../../domain/steps.ts';
import { baseFacts } from '../measure/baseline.ts';
import { measure } from '../measure/execute.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { checkSha, openLoop, type Resources } from '../loop/resources.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import { takeProfile } from '../measure/profiles.ts';
import { makeRunnable } from '../trees/runnable.ts';

/** Measures and profiles the champion once on this worker; later iterations on the same champion read the result. */
export async function collect(resources: Resources, input: IterationRef): Promise<CollectAnswer> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    checkSha('champion', input.champion);
    await bringUpToDate(loop.clone, loop.repository, loop.plan, input.champion);
    const paths = loopPaths(loop.directory);
    const file = paths.collected(input.champion);
    const known = await readJson<Omit<CollectAnswer, 'queue'>>(file);
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
          loop.plan.config.profile === 'auto' &&
          (await takeProfile(resources, loop, seen, paths.profile(input.champion), signal));
        const collected = { profile: profiled ? input.champion : null, metric: run.metric };
        await writeAtomically(file, JSON.stringify(collected));
        return { ...collected, queue: resources.queue };
      },
      { signal },
    );
  });
}
