import { CancelledFailure } from '@temporalio/activity';
import { bareRequest, type SandboxResult } from '../../adapters/sandbox/contract.ts';
import { toLine } from '../../domain/text.ts';
import type { WorkerContext } from '../loop/resources.ts';
import { buildOf } from './context.ts';

const limits = { seconds: 1_800, memoryMiB: 4_096, processes: 512, outputKiB: 4_096, scratchMiB: 1_024 };
const environment = { HOME: '/tmp', KARPATHY_LOOP_LOCK: '/tmp/karpathy-loop.lock' };

interface Inside {
  commit: string;
  command: string;
  stdin?: string;
}

/** Runs a command on a build in the sandbox. @returns why that failed, or what it printed and used */
export async function runInside(
  context: WorkerContext,
  { commit, command, stdin }: Inside,
): Promise<{ problem: string } | { result: SandboxResult }> {
  const { machineLock, signal, worker } = context;
  const request = { ...bareRequest, command, tree: buildOf(context, commit), tools: worker.settings.tools };
  const result = await machineLock.exclusively(({ run }) =>
    run({ ...request, ...(stdin !== undefined && { stdin }), environment, limits, signal }),
  );
  const { status, tail, sandbox } = result;
  if (status === 'cancelled') throw new CancelledFailure('cancelled during a sandboxed run');
  if (status === 'sandbox-error') throw new Error(toLine(tail, 400));
  if (sandbox === 'none') return { problem: 'there is no sandbox; nothing is adopted without one' };
  return status === 'ok' ? { result } : { problem: `${status}: ${toLine(tail.slice(-600), 600)}` };
}
