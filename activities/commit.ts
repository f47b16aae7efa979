import { commitTree } from '../adapters/git/trees.ts';
import { commitMessage } from '../domain/commit-message.ts';
import { sourceName } from '../domain/plan.ts';
import type { Committed, IterationFacts } from '../domain/steps.ts';
import { withHeartbeat } from './heartbeat.ts';
import { appendRecord } from './outcome.ts';
import { checkSha, iterationDirectory, openLoop, refused, type Resources } from './resources.ts';
import { removeRunnable } from './runnable.ts';

/** Makes the commit from the candidate's tree and moves champion and ledger together. The same facts give the same commit. */
export async function commit(resources: Resources, input: IterationFacts): Promise<Committed> {
  return withHeartbeat(async () => {
    const loop = await openLoop(resources, input);
    await iterationDirectory(loop, input);
    const { hypothesis, tree, verdict } = input;
    if (!hypothesis || !tree || verdict?.verdict !== 'accepted') throw refused(['commit: needs a hypothesis, its tree and an accepted verdict']);
    checkSha('tree', tree);
    const { loopId, config, source } = loop.plan;
    const message = commitMessage({ hypothesis, verdict, unit: config.benchmark.unit, loopId, iteration: input.iteration, model: sourceName(source) });
    const made = await commitTree(loop.clone, { tree, parents: [input.champion], message, identity: config.commit.identity, date: input.startedAt });
    const appended = await appendRecord(resources, loop, input, { reason: null, detail: '', commit: made });
    if (appended.kind === 'stale') return appended;
    const { candidate } = appended.record;
    if (!candidate?.commit)
      return { kind: 'stale', detail: `iteration ${input.iteration} has a record already: ${appended.record.reason ?? appended.record.outcome}` };
    await removeRunnable(loop, input.champion);
    return { kind: 'committed', commit: candidate.commit };
  });
}
