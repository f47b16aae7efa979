import { promote as promoted } from '../../domain/adoption/selves.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { changeSelves } from '../../ledger/selves.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf, openAdoption } from './context.ts';

/** A trial that nobody attends to for so long is over, in ms. */
export const unattendedMs = 300_000;

/** Makes the build the one that works, on trial: the keeper of this worker starts it in place of this one. */
export async function promote(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  const { judge } = await openAdoption(context, ref);
  const { adoption, commit } = ref;
  const [since, deadline] = [Date.now(), Date.now() + unattendedMs].map((time) => new Date(time).toISOString());
  const self = { commit, directory: buildOf(context, commit) };
  const last = { commit: judge, directory: buildOf(context, judge) };
  const memoryMiB = process.memoryUsage.rss() / 2 ** 20;
  const promotion = { self, judge: last, adoption, since: since!, deadline: deadline!, memoryMiB };
  await changeSelves(context.worker.dataDirectory, (selves) => promoted(selves, promotion));
  return { kind: 'passed', facts: `works on trial; ${judge.slice(0, 12)} is kept` };
}
