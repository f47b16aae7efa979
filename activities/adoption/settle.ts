import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appendSelf, changeSelves } from '../../ledger/selves.ts';
import { linkOf } from '../../domain/adoption/chain.ts';
import type { AdoptionAnswer, SelfEvidence, SettleInput } from '../../domain/adoption/adoption.ts';
import { confirm, withdraw as withdrawn } from '../../domain/adoption/selves.ts';
import { discard } from '../../store/discard.ts';
import { dataPaths } from '../../store/layout.ts';
import { readSelves } from '../../store/selves.ts';
import { refused } from '../loop/refusal.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { openAdoption } from './context.ts';

/** Ends the trial: the build stays. */
export async function adopt(context: WorkerContext, input: SettleInput): Promise<AdoptionAnswer> {
  const { dataDirectory } = context.worker;
  checkFindings(input, 'adopted');
  const { judge } = await openAdoption(context, input);
  const kept = await changeSelves(dataDirectory, (selves) => confirm(selves, input));
  if (kept === null) {
    const { fallen } = await readSelves(dataDirectory);
    return { kind: 'failed', detail: fallen?.reason ?? 'somebody else has ended its trial' };
  }
  // Once it is confirmed, the one that judged is the previous one.
  const link = await record(context, input, kept.previous?.commit ?? judge);
  await removeOthers(dataDirectory);
  return { kind: 'passed', facts: link };
}

/** Lets the last good build work again where this one was on trial, and records why. */
export async function withdraw(context: WorkerContext, input: SettleInput): Promise<AdoptionAnswer> {
  const { dataDirectory } = context.worker;
  checkFindings(input, 'withdrawn');
  const { judge } = await openAdoption(context, input);
  await changeSelves(dataDirectory, (selves) => withdrawn(selves, input.adoption));
  const link = await record(context, input, judge);
  await removeOthers(dataDirectory);
  return { kind: 'passed', facts: link };
}

async function record({ worker }: WorkerContext, input: SettleInput, judge: string): Promise<string> {
  return (await appendSelf(worker.dataDirectory, input.repository, evidenceOf(input, judge))).reason;
}

function evidenceOf({ adoption, commit, findings, startedAt, endedAt }: SettleInput, judge: string): SelfEvidence {
  return { adoption, commit, judge, findings, returned: null, startedAt, endedAt };
}

/** Whoever reaches the server can send findings: the chain must not say the contrary of what is done. */
function checkFindings(input: SettleInput, outcome: 'adopted' | 'withdrawn'): void {
  if (linkOf(evidenceOf(input, '')).outcome !== outcome)
    throw refused(`adoption: its findings do not say that ${input.commit.slice(0, 12)} is ${outcome}`);
}

/** Removes the builds that nobody can go back to. */
async function removeOthers(data: string): Promise<void> {
  const { builds } = dataPaths(data);
  const { current, previous } = await readSelves(data);
  const kept = [current, previous].flatMap((self) => self?.commit ?? []);
  for (const name of await readdir(builds).catch(() => []))
    if (!kept.includes(name)) await discard(data, join(builds, name));
}
