import type { RollbackAnswer, RollbackInput } from '../../domain/steps.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { appendRecord } from '../record/outcome.ts';
import { iterationDirectory, openLoop, type Resources } from '../loop/resources.ts';
import { keepOnly } from '../trees/runnable.ts';
import { repackClone } from '../record/repack.ts';

/** Ends an iteration without a commit: the record goes to the ledger, the candidate's trees go. */
export async function rollback(resources: Resources, input: RollbackInput): Promise<RollbackAnswer> {
  return withHeartbeat(async (signal) => {
    const loop = await openLoop(resources, input);
    await iterationDirectory(loop, input);
    const appended = await appendRecord(resources, loop, input, {
      reason: input.reason,
      detail: input.detail,
      commit: null,
    });
    if (appended.kind === 'stale') throw new Error(`ledger: ${appended.detail}`);
    const { outcome, reason, candidate } = appended.record;
    await keepOnly(loop, candidate?.commit ?? input.champion);
    await repackClone(loop, signal);
    return { outcome, reason, ...(candidate?.commit && { commit: candidate.commit }) };
  });
}
