import { fetchCommits } from '../../adapters/git/clone.ts';
import type { LoopConfig } from '../../domain/config/loop-config.ts';
import { dataPaths } from '../../store/layout.ts';
import { openPlan, openRepository, planInLedger, type OpenLoop } from '../loop/open-loop.ts';
import { checkSha, refused } from '../loop/refusal.ts';
import type { WorkerContext } from '../loop/resources.ts';

/** Opens the loop of a ledger in a directory of its own, so that nothing of a loop that runs here is touched. @param reduce leaves out what the check does not need */
export async function openForCheck(
  context: WorkerContext,
  repository: string,
  { loopId, reduce }: { loopId: string; reduce: (config: LoopConfig) => LoopConfig },
): Promise<OpenLoop> {
  const { worker } = context;
  const place = await openRepository(context, repository);
  const plan = await planInLedger(place, loopId);
  if (!plan)
    throw refused(`loop: "${loopId}" has no ledger in ${repository}; give the loop whose benchmark is to be used`);
  const config = { ...reduce(plan.config), repository };
  checkSha('baseSha', plan.baseSha);
  await fetchCommits(place.clone, repository, [plan.baseSha]);
  const loop = await openPlan(worker, place, { ...plan, loopId, config });
  return { ...loop, directory: dataPaths(worker.dataDirectory).check(loopId) };
}
