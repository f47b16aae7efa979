import type { RollbackAnswer, RollbackInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { commitBack } from '../measure/champion.ts';
import { appendRecord } from '../record/outcome.ts';
import { repackClone } from '../record/repack.ts';
import { keepOnly } from '../trees/runnable.ts';

/** Ends an iteration without a gain: the record goes to the ledger, the candidate's trees go. A champion that fails is left. */
export async function rollback(context: StepContext, input: RollbackInput): Promise<RollbackAnswer> {
  const { reason: because, detail } = input;
  const back = because === 'champion-failed' ? await commitBack(context, input) : null;
  const plain = { reason: because, detail, commit: null };
  let appended = await appendRecord(
    context,
    { ...input, ...(back && { tree: back.tree }) },
    { ...plain, commit: back?.commit ?? null },
  );
  // Somebody moved the branch: it stays theirs.
  if (back && appended.kind === 'stale') appended = await appendRecord(context, input, plain);
  if (appended.kind === 'stale') throw new Error(`ledger: ${appended.detail}`);
  const { outcome, reason, candidate } = appended.record;
  await keepOnly(context.loop, candidate?.commit ?? input.champion);
  await repackClone(context);
  return { outcome, reason, ...(candidate?.commit && { commit: candidate.commit }) };
}
