import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { openAdoption } from './context.ts';
import { runInside } from './run-inside.ts';

const vitest = 'node node_modules/vitest/vitest.mjs run --configLoader runner --project';
/** All that can run in the sandbox: no part of it needs a server or the network. */
const inside: readonly { name: string; command: string }[] = [
  { name: 'types', command: 'node node_modules/typescript/bin/tsc -p .' },
  // Brief, answers, edits, profiles, records and report among them.
  { name: 'domain', command: `${vitest} domain` },
  { name: 'ledger', command: `${vitest} ledger` },
  { name: 'replay of recorded histories', command: `${vitest} workflows replay.test.ts` },
];

/** Runs the named list on the build in the sandbox: what no part of it may fail before any of it leaves the sandbox. */
export async function rehearse(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  await openAdoption(context, ref);
  const times: string[] = [];
  for (const { name, command } of inside) {
    context.say(name);
    const ran = await runInside(context, { commit: ref.commit, command });
    if ('problem' in ran) return { kind: 'failed', detail: `${name}: ${ran.problem}` };
    times.push(`${name} ${Math.round(ran.result.wallMs / 1000)} s`);
  }
  return { kind: 'passed', facts: `in the sandbox: ${times.join(', ')}` };
}
