import { ApplicationFailure, Context } from '@temporalio/activity';
import { championOf } from '../../ledger/refs.ts';
import { publish } from '../../ledger/publish.ts';
import { ledgerCommit, ledgerHead, readHeadToHead } from '../../ledger/ledger.ts';
import type { HeadToHeadRecord } from '../../domain/verdict/head-to-head.ts';
import type { FinishAnswer, FinishInput } from '../../domain/steps.ts';
import { measureHeadToHead, notMeasured } from '../measure/head-to-head.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

/** Times that an append is tried again when another writer moved the ledger. */
const maxAppends = 5;
/** Attempts after which a failure counts as permanent: a few minutes, far fewer than the activity has. */
const maxAttempts = 8;

/**
 * Ends a loop: a pending branch follows if it is free now, and base and champion are measured.
 * A failure to measure goes into the ledger and fails no loop.
 */
export async function finish(context: StepContext, input: FinishInput): Promise<FinishAnswer> {
  const { loop } = context;
  const { loopId, branch, baseSha } = loop.plan;
  const head = await ledgerHead(loop.clone, loopId);
  const result = head
    ? await publish(loop.clone, loop.repository, { loopId, branch, ledger: { old: head, new: head }, champion: null })
    : null;
  const champion = (await championOf(loop.repository, loop.plan, context.signal)) ?? baseSha;
  const branchPending = result?.kind === 'published' ? result.branchPending : null;
  const record = input.measure && head && champion !== baseSha ? await tryToMeasure(context, champion) : null;
  if (record) await append(loop, record);
  return { champion, branchPending, headToHead: record && !('problem' in record.result) ? record.result : null };
}

async function tryToMeasure(context: StepContext, champion: string): Promise<HeadToHeadRecord> {
  try {
    return await measureHeadToHead(context, champion);
  } catch (error) {
    context.signal.throwIfAborted();
    const { info, log } = Context.current();
    const isFinal = error instanceof ApplicationFailure && error.nonRetryable === true;
    // A later attempt goes on with the pairs that are there.
    if (isFinal ? error.type === 'Superseded' : info.attempt < maxAttempts) throw error;
    log.warn('base against champion could not be measured', { error });
    return notMeasured(context.loop, champion, error instanceof Error ? error.message : String(error));
  }
}

/** Keeps an earlier result of this champion where a later end could not measure it. */
async function append(loop: OpenLoop, record: HeadToHeadRecord): Promise<void> {
  const { loopId, branch, config } = loop.plan;
  if ('problem' in record.result) {
    const known = (await readHeadToHead(loop.clone, loopId))?.result;
    if (known?.champion === record.result.champion && !('problem' in known)) return;
  }
  for (let attempt = 1; ; attempt++) {
    const old = await ledgerHead(loop.clone, loopId);
    const entry = { loopId, headToHead: record, identity: config.commit.identity, date: new Date().toISOString() };
    const next = await ledgerCommit(loop.clone, old, entry);
    const result = await publish(loop.clone, loop.repository, {
      loopId,
      branch,
      ledger: { old, new: next },
      champion: null,
    });
    if (result.kind === 'published') return;
    if (attempt >= maxAppends) throw new Error(`ledger: could not be moved in ${attempt} tries (${result.detail})`);
  }
}
