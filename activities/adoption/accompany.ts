import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownFile } from '../../adapters/own-files.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { attend, expire } from '../../domain/adoption/selves.ts';
import { memoryProblem } from '../../domain/adoption/trial.ts';
import { changeSelves } from '../../ledger/selves.ts';
import { readSelves } from '../../store/selves.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf, openAdoption } from './context.ts';
import { look } from './look.ts';
import { unattendedMs } from './promote.ts';

const pollMs = 1_000;
/** Looks in a row at which a worker needs too much memory: what it loads and drops again is none. */
const maxLarge = 10;

/** Watches the build at work, on its own worker, until it has held for long enough or has failed. */
export async function accompany(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  const { worker, signal, say } = context;
  const { order } = await openAdoption(context, ref);
  const isItsOwn = (await realpath(ownFile('.'))) === (await realpath(buildOf(context, ref.commit)).catch(() => ''));
  let large = 0;
  for (;;) {
    signal.throwIfAborted();
    const { trial, fallen } = await readSelves(worker.dataDirectory);
    if (trial?.adoption !== ref.adoption)
      return { kind: 'failed', detail: fallen?.reason ?? 'somebody else has ended its trial' };
    // The worker of the build before goes on until its keeper ends it; without a keeper, nobody does.
    if (!isItsOwn) await changeSelves(worker.dataDirectory, (selves) => expire(selves, Date.now()));
    else {
      const seen = await look(worker.queue, trial);
      const memory = memoryProblem(trial.memoryMiB, process.memoryUsage.rss() / 2 ** 20);
      large = memory === null ? 0 : large + 1;
      const problem = seen.problem ?? (large >= maxLarge ? memory : null);
      if (problem !== null) return { kind: 'failed', detail: problem };
      const uptime = Math.floor(process.uptime());
      if (uptime >= order.trialSeconds && (!seen.isLoopOpen || seen.ended >= order.iterations))
        return { kind: 'passed', facts: `${uptime} s without a crash, ${seen.ended} iterations ended on it` };
      say(`on trial: ${uptime} of ${order.trialSeconds} s, ${seen.ended} of ${order.iterations} iterations`);
      const deadline = new Date(Date.now() + unattendedMs).toISOString();
      await changeSelves(worker.dataDirectory, (selves) => attend(selves, { adoption: ref.adoption, deadline }));
    }
    await sleep(pollMs, undefined, { signal });
  }
}
