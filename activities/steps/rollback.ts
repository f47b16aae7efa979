import type { RollbackAnswer, RollbackInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { appendRecord } from '../record/outcome.ts';
import { repackClone } from '../record/repack.ts';
import { keepOnly } from '../trees/runnable.ts';

/** Ends an iteration without a commit: the record goes to the ledger, the candidate's trees go. */
export async function rollback(context: StepContext, input: RollbackInput): Promise<RollbackAnswer> {
  const { reason: because, detail } = input;
  const appended = await appendRecord(context, input, { reason: because, detail, commit: null });
  if (appended.kind === 'stale') throw new Error(`ledger: ${appended.detail}`);
  const { outcome, reason, candidate } = appended.record;
  await keepOnly(context.loop, candidate?.commit ?? input.champion);
  await repackClone(context);
  return { outcome, reason, ...(candidate?.commit && { commit: candidate.commit }) };
}
