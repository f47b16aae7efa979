import { CancelledFailure } from '@temporalio/activity';
import { bareRequest } from '../../adapters/sandbox/contract.ts';
import type { AdoptionAnswer, AdoptionRef } from '../../domain/adoption/adoption.ts';
import { toLine } from '../../domain/text.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf, openAdoption } from './context.ts';

const vitest = 'node node_modules/vitest/vitest.mjs run --configLoader runner --project';
/** All that can run in the sandbox: no part of it needs a server or the network. */
const inside: readonly { name: string; command: string }[] = [
  { name: 'types', command: 'node node_modules/typescript/bin/tsc -p .' },
  // Brief, answers, edits, profiles, records and report among them.
  { name: 'domain', command: `${vitest} domain` },
  { name: 'ledger', command: `${vitest} ledger` },
  { name: 'replay of recorded histories', command: `${vitest} workflows replay.test.ts` },
];
const limits = { seconds: 1_800, memoryMiB: 4_096, processes: 512, outputKiB: 4_096, scratchMiB: 1_024 };

/** Runs the named list on the build in the sandbox: what no part of it may fail before any of it leaves the sandbox. */
export async function rehearse(context: WorkerContext, ref: AdoptionRef): Promise<AdoptionAnswer> {
  await openAdoption(context, ref);
  const { machineLock, signal, worker, say } = context;
  const times: string[] = [];
  for (const { name, command } of inside) {
    say(name);
    const request = { ...bareRequest, command, tree: buildOf(context, ref.commit), tools: worker.settings.tools };
    const environment = { HOME: '/tmp', KARPATHY_LOOP_LOCK: '/tmp/karpathy-loop.lock' };
    const { status, tail, wallMs, sandbox } = await machineLock.exclusively(({ run }) =>
      run({ ...request, environment, limits, signal }),
    );
    if (status === 'cancelled') throw new CancelledFailure('cancelled during a sandboxed run');
    if (status === 'sandbox-error') throw new Error(toLine(tail, 400));
    if (sandbox === 'none') return { kind: 'failed', detail: 'there is no sandbox; nothing is adopted without one' };
    if (status !== 'ok') return { kind: 'failed', detail: `${name}: ${status}: ${toLine(tail.slice(-600), 600)}` };
    times.push(`${name} ${Math.round(wallMs / 1000)} s`);
  }
  return { kind: 'passed', facts: `in the sandbox: ${times.join(', ')}` };
}
