import { ApplicationFailure } from '@temporalio/activity';
import { bringUpToDate } from '../../ledger/sync.ts';
import type { ChampionFailure, CollectAnswer, IterationRef } from '../../domain/steps.ts';
import { readJson, writeAtomically } from '../../store/files.ts';
import { loopPaths } from '../../store/layout.ts';
import { exclusively, type StepContext } from '../loop/context.ts';
import { told } from '../loop/told.ts';
import { baseFacts } from '../measure/baseline.ts';
import { failedChampion } from '../measure/champion.ts';
import { measure } from '../measure/execute.ts';
import { profileChampion } from '../measure/profiles.ts';
import { makeRunnable } from '../trees/runnable.ts';

/** Measures and profiles the champion once on this worker; later iterations on the same champion read the result. */
export async function collect(context: StepContext, ref: IterationRef): Promise<CollectAnswer | ChampionFailure> {
  const { champion } = ref;
  const { loop, worker } = context;
  const { config } = loop.plan;
  await bringUpToDate(loop.clone, loop.repository, loop.plan, champion);
  const failed = await failedChampion(context, ref);
  if (failed) return { kind: 'failed', reason: 'champion-failed', detail: failed.detail, queue: worker.queue };
  const file = loopPaths(loop.directory).collected(champion);
  const known = await readJson<Omit<CollectAnswer, 'queue'>>(file);
  if (known) return { ...known, queue: worker.queue };
  // A worker that has not seen this base looks at it first.
  const { workspace } = await baseFacts(context);
  const made = await makeRunnable(context, champion);
  if (!made.ok)
    throw ApplicationFailure.create({
      message: `champion: ${told(loop, made.detail)}`,
      type: 'ChampionFailed',
      nonRetryable: !made.isOfBase,
    });
  const tree = { ...made.runnable, workspace };
  context.say('benchmark of the champion');
  const run = await exclusively(context, (held) => measure(held, tree, { benchSeed: config.seed }));
  if (!run.ok) throw ApplicationFailure.retryable(`champion: ${told(loop, run.problem)}`, 'ChampionFailed');
  if (config.profile !== 'none') await profileChampion(context, tree, champion);
  const collected = { profile: config.profile === 'none' ? null : champion, metric: run.metric };
  await writeAtomically(file, JSON.stringify(collected));
  return { ...collected, queue: worker.queue };
}
