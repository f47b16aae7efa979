import { championOf } from '../adapters/git/refs.ts';
import { publish } from '../adapters/git/publish.ts';
import { ledgerHead } from '../adapters/git/ledger.ts';
import type { Finished, LoopRef } from '../domain/steps.ts';
import { withHeartbeat } from './heartbeat.ts';
import { openLoop, type Resources } from './resources.ts';

/** After the last iteration: lets the branch follow if it was held back and is free now, and says where the champion is. */
export async function finish(resources: Resources, input: LoopRef): Promise<Finished> {
  return withHeartbeat(async () => {
    const loop = await openLoop(resources, input);
    const { loopId, branch, baseSha } = loop.plan;
    const head = await ledgerHead(loop.clone, loopId);
    const result = head ? await publish(loop.clone, loop.repository, { loopId, branch, ledger: { old: head, new: head }, champion: null }) : null;
    const champion = (await championOf(loop.repository, loopId, branch)) ?? baseSha;
    return { champion, heldBack: result?.kind === 'published' && result.heldBack };
  });
}
