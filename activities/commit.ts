import { championOf } from '../adapters/git/refs.ts';
import { commitTree } from '../adapters/git/trees.ts';
import { commitMessage } from '../domain/commit-message.ts';
import { sourceName } from '../domain/plan.ts';
import type { Committed, IterationFacts } from '../domain/steps.ts';
import { withHeartbeat } from './heartbeat.ts';
import { measuredVerdict } from './journal.ts';
import { appendRecord } from './outcome.ts';
import { iterationDirectory, openLoop, refused, type Resources } from './resources.ts';
import { removeRunnable } from './runnable.ts';

/** Makes the commit from the candidate's tree and moves champion and ledger together. The same facts give the same commit. */
export async function commit(resources: Resources, input: IterationFacts): Promise<Committed> {
  return withHeartbeat(async () => {
    const loop = await openLoop(resources, input);
    await iterationDirectory(loop, input);
    const { hypothesis, tree } = input;
    if (!hypothesis || !tree) throw refused(['commit: needs a hypothesis and its tree']);
    const verdict = await measuredVerdict(loop, { ...input, tree });
    if (verdict?.verdict !== 'accepted')
      throw refused([`commit: the journal of iteration ${input.iteration} does not accept ${tree.slice(0, 10)}; benchmark it first`]);
    const { loopId, config, source, baseSha, branch } = loop.plan;
    const message = commitMessage({ hypothesis, verdict, unit: config.benchmark.unit, loopId, iteration: input.iteration, model: sourceName(source) });
    const made = await commitTree(loop.clone, { tree, parents: [input.champion], message, identity: config.commit.identity, date: input.startedAt });
    const current = (await championOf(loop.repository, loopId, branch)) ?? baseSha;
    if (current !== input.champion && current !== made)
      return { kind: 'stale', detail: `the champion is ${current.slice(0, 10)} by now: someone else moved it`, champion: current };
    const appended = await appendRecord(resources, loop, input, { reason: null, detail: '', commit: made });
    if (appended.kind === 'stale') return { ...appended, champion: (await championOf(loop.repository, loopId, branch)) ?? baseSha };
    const { candidate } = appended.record;
    if (!candidate?.commit)
      return {
        kind: 'stale',
        champion: current,
        detail: `iteration ${input.iteration} has a record already: ${appended.record.reason ?? appended.record.outcome}`,
      };
    await removeRunnable(loop, input.champion);
    return { kind: 'committed', commit: candidate.commit };
  });
}
