import { ApplicationFailure, Context } from '@temporalio/activity';
import { championOf } from '../../ledger/refs.ts';
import { publish } from '../../ledger/publish.ts';
import { ledgerHead, readHeadToHead } from '../../ledger/ledger.ts';
import type { HeadToHeadRecord } from '../../domain/verdict/head-to-head.ts';
import type { FinishAnswer, FinishInput } from '../../domain/steps.ts';
import { measuredText } from '../../domain/verdict/gain.ts';
import { measureHeadToHead, notMeasured } from '../measure/head-to-head.ts';
import { appendEntry } from '../record/append.ts';
import type { StepContext } from '../loop/context.ts';
import type { OpenLoop } from '../loop/open-loop.ts';

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
  const headToHead = record && !('problem' in record.result) ? record.result : null;
  return { champion, branchPending, headToHead, headline: headToHead && measuredText(headToHead, headToHead) };
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
  const { loopId } = loop.plan;
  if ('problem' in record.result) {
    const known = (await readHeadToHead(loop.clone, loopId))?.result;
    if (known?.champion === record.result.champion && !('problem' in known)) return;
  }
  const entry = { headToHead: record, date: new Date().toISOString() };
  await appendEntry(loop, entry, () => ledgerHead(loop.clone, loopId));
}
