import { ApplicationFailure } from '@temporalio/activity';
import { appendEntry } from './append.ts';
import { ledgerCommit, ledgerHead } from '../../ledger/ledger.ts';
import { publish, withdrawLedger } from '../../ledger/publish.ts';
import { branchConflict } from '../../ledger/branch.ts';
import type { OpenLoop } from '../loop/open-loop.ts';
import { refused } from '../loop/refusal.ts';

/** Begins the ledger of a new loop with its plan. */
export async function beginLedger({ clone, repository, plan }: OpenLoop, startedAt: string): Promise<void> {
  const { loopId, branch, config } = plan;
  const entry = { loopId, plan, identity: config.commit.identity, date: startedAt };
  const head = await ledgerCommit(clone, null, entry);
  const ledger = { old: null, new: head };
  const published = await publish(clone, repository, { loopId, branch, ledger, champion: null });
  if (published.kind !== 'published') throw ApplicationFailure.retryable(`ledger: ${published.detail}`, 'LedgerMoved');
  // Loops that are prepared at the same moment all find the branch free. Now at least the later one sees the other.
  const shared = await branchConflict(clone, repository, { loopId, branch });
  if (!shared) return;
  await withdrawLedger(clone, repository, { loopId, branch, head });
  throw refused(shared);
}

/** Replaces the plan of a ledger without records. */
export async function completePlan(loop: OpenLoop, date: string): Promise<void> {
  await appendEntry(loop, { plan: loop.plan, date }, () => ledgerHead(loop.clone, loop.plan.loopId));
}

/** Does work on a loop without records; a refusal takes its ledger back, so that a refused loop leaves no ref. */
export async function withdrawOnRefusal<T>(
  { clone, repository, plan: { loopId, branch } }: OpenLoop,
  work: () => Promise<T>,
): Promise<T> {
  const head = await ledgerHead(clone, loopId);
  try {
    return await work();
  } catch (error) {
    const isRefusal = error instanceof ApplicationFailure && error.nonRetryable === true;
    if (head && isRefusal) await withdrawLedger(clone, repository, { loopId, branch, head });
    throw error;
  }
}
