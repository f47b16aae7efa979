import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { getClient } from '@temporalio/activity';
import { ownFile } from '../../adapters/own-files.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { attend, expire, type Selves } from '../../domain/adoption/selves.ts';
import { workflowTypes } from '../../domain/names.ts';
import type { IterationResult } from '../../domain/steps.ts';
import { changeSelves } from '../../ledger/selves.ts';
import { readSelves } from '../../store/selves.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf, openAdoption } from './context.ts';
import { unattendedMs } from './promote.ts';

const pollMs = 1_000;
/** Iterations that are looked at, the newest. */
const maxLooked = 50;
/** An iteration may take so much longer than the longest before the trial, with a minute to spare. */
const slowFactor = 3;

/** Watches the build at work, on its own worker, until it has held for long enough or has failed. */
export async function accompany(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  const { worker, signal, say } = context;
  const { order } = await openAdoption(context, ref);
  const isItsOwn = (await realpath(ownFile('.'))) === (await realpath(buildOf(context, ref.commit)).catch(() => ''));
  for (;;) {
    signal.throwIfAborted();
    const { trial, fallen } = await readSelves(worker.dataDirectory);
    if (trial?.adoption !== ref.adoption)
      return { kind: 'failed', detail: fallen?.reason ?? 'somebody else has ended its trial' };
    // The worker of the build before goes on until its keeper ends it; without a keeper, nobody does.
    if (!isItsOwn) await changeSelves(worker.dataDirectory, (selves) => expire(selves, Date.now()));
    else {
      const seen = await look(worker.queue, trial);
      if (seen.problem !== null) return { kind: 'failed', detail: seen.problem };
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

interface Seen {
  isLoopOpen: boolean;
  /** Iterations that began and ended during the trial. */
  ended: number;
  problem: string | null;
}

/** Looks at what this worker's loops came to during the trial. */
async function look(queue: string, { since }: NonNullable<Selves['trial']>): Promise<Seen> {
  const { workflow } = getClient();
  const ofType = (type: string) => `WorkflowType = "${type}" AND TaskQueue = "${queue}"`;
  const open = await workflow.count(`${ofType(workflowTypes.loop)} AND ExecutionStatus = "Running"`);
  const began = Date.parse(since);
  const iterations = [];
  for await (const one of workflow.list({ query: ofType(workflowTypes.iteration), pageSize: maxLooked })) {
    if (iterations.push(one) >= maxLooked) break;
  }
  const msOf = ({ startTime, closeTime }: { startTime: Date; closeTime?: Date }) =>
    (closeTime?.getTime() ?? Date.now()) - startTime.getTime();
  const earlier = iterations.filter(({ closeTime }) => closeTime && closeTime.getTime() < began).map(msOf);
  const longest = earlier.length > 0 ? Math.max(...earlier) * slowFactor + 60_000 : Infinity;
  const during = iterations.filter(({ startTime }) => startTime.getTime() >= began);
  const ended = during.filter(({ status }) => status.name !== 'RUNNING');
  const problems = ended.map(async ({ workflowId, runId, status }) => {
    if (status.name === 'CANCELLED') return null;
    if (status.name !== 'COMPLETED') return `${workflowId} ended as ${status.name}`;
    const { reason, detail } = (await workflow.getHandle(workflowId, runId).result()) as IterationResult;
    return reason === 'infrastructure' ? `${workflowId} failed by infrastructure: ${detail}` : null;
  });
  const slow = during.find((one) => msOf(one) > longest);
  const problem =
    (await Promise.all(problems)).find((one) => one !== null) ??
    (slow ? `${slow.workflowId} takes ${slowFactor} times as long as any before` : null);
  return { isLoopOpen: open.count > 0, ended: ended.length, problem };
}
