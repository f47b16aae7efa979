import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import { toLoopId } from '../domain/loop-id.ts';
import type { FinishAnswer, LoopRef, PreparedLoop, Steps } from '../domain/steps.ts';
import { finishOptions, unboundedOptions } from './activity-options.ts';
import { failureText, lastingFailure } from './failure-text.ts';
import { endEarlier, runIteration } from './loop-iteration.ts';
import { listen } from './loop-requests.ts';
import {
  count,
  inputProblem,
  restoreState,
  statusOf,
  stopReason,
  tallyOf,
  type CarriedState,
  type LoopState,
} from './loop-state.ts';
import { leaveMemo, show } from './story/loop.ts';
import type { LoopResult } from './messages.ts';
import { indexHeadline, indexLoop } from './story/search-attributes.ts';

/**
 * Runs one loop: prepare, a child workflow per iteration, finish.
 * @param config a LoopConfig, which only `prepare` reads
 * @param carried what the run before hands on; a person may give `perRun` alone
 * @throws ApplicationFailure if `prepare` refuses, or for a fault that lasts; CancelledFailure after a cancel
 */
export async function karpathyLoop(config: unknown, carried?: Partial<CarriedState>): Promise<LoopResult> {
  const problem = inputProblem(carried, workflowInfo());
  if (problem !== null) throw ApplicationFailure.nonRetryable(problem, 'Refused');
  const loop = restoreState(toLoopId(workflowInfo().workflowId), carried ?? {});
  const root = CancellationScope.current();
  const work = new CancellationScope();
  listen(loop, { stopNow: () => work.cancel(), show: () => show(loop) });
  try {
    await work.run(() => iterate(loop, config));
  } catch (error) {
    if (!isCancellation(error) || !work.consideredCancelled) throw error;
  }
  if (root.consideredCancelled) loop.stop = 'cancelled';
  loop.stop ??= 'stop request';
  const finished = loop.prepared && (await finish(loop.prepared, work));
  if (root.consideredCancelled) loop.stop = 'cancelled';
  loop.champion = finished?.champion ?? loop.champion;
  loop.headline = finished?.headline ?? null;
  loop.ended = true;
  show(loop);
  leaveMemo(loop);
  if (loop.prepared?.isIndexed && finished?.headToHead) indexHeadline(finished.headToHead);
  if (loop.stop === 'cancelled') throw new CancelledFailure('the loop was cancelled');
  if (loop.fault) throw lastingFailure(loop.fault);
  const { branchPending = null, headToHead = null } = finished ?? {};
  return { ...statusOf(loop), branchPending, headToHead };
}

/** Runs iterations until a stop rule holds. */
async function iterate(loop: LoopState, config: unknown): Promise<void> {
  show(loop);
  let prepared = loop.prepared ?? (await begin(loop, config));
  if (prepared.isIndexed) indexLoop(prepared);
  leaveMemo(loop);
  const first = loop.next;
  for (;;) {
    show(loop);
    if (CancellationScope.current().consideredCancelled) return;
    loop.stop = stopReason(loop, prepared.limits);
    if (loop.stop) return;
    if (loop.next > first && runIsOver(loop, first)) await continueLoop(loop, prepared, config);
    if (loop.paused) {
      await pause(loop);
      continue;
    }
    loop.current = loop.next;
    show(loop);
    const champion = loop.champion ?? prepared.champion;
    const result = await runIteration(prepared, { iteration: loop.next, champion, hint: loop.hint });
    if (result === 'open') {
      // What it comes to is in the ledger then, which `prepare` reads.
      await endEarlier(prepared, loop.next);
      prepared = await begin(loop, config);
    } else count(loop, result);
    leaveMemo(loop);
  }
}

/** Prepares the loop, and takes over what a ledger that is there says of it. */
async function begin(loop: LoopState, config: unknown): Promise<PreparedLoop> {
  const prepared = await prepare(loop, config);
  if (prepared.earlier) loop.tally = { ...tallyOf(prepared.earlier), recent: loop.tally.recent };
  loop.champion = prepared.champion;
  loop.next = prepared.nextIteration;
  return (loop.prepared = prepared);
}

async function prepare({ loopId }: LoopState, config: unknown): Promise<PreparedLoop> {
  try {
    return await proxyActivities<Steps>(unboundedOptions('check the config, measure the base')).prepare({
      loopId,
      config,
      startedAt: workflowInfo().startTime.toISOString(),
    });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof Error)) throw error;
    const { cause } = error;
    const type = cause instanceof ApplicationFailure && cause.type ? cause.type : 'PrepareFailed';
    throw ApplicationFailure.create({ message: failureText(error), type, nonRetryable: true, cause: error });
  }
}

/** Measures base and champion, unless `work` is or gets cancelled: a cancel and an immediate stop stay quick. */
async function finish(
  { queue, loopId, repository, stepSeconds }: PreparedLoop,
  work: CancellationScope,
): Promise<FinishAnswer> {
  const { finish: run } = proxyActivities<Steps>(finishOptions(queue, stepSeconds.benchmark));
  const ref: LoopRef = { loopId, repository };
  const isQuick = () => work.consideredCancelled;
  if (!isQuick()) {
    try {
      return await work.run(() => run({ ...ref, measure: true }));
    } catch (error) {
      if (!isCancellation(error) || !isQuick()) throw error;
    }
  }
  return CancellationScope.nonCancellable(() => run({ ...ref, measure: false }));
}

/** Waits until somebody resumes or stops the loop. */
async function pause(loop: LoopState): Promise<void> {
  loop.waiting = true;
  show(loop);
  await condition(() => !loop.paused || loop.stopRequested);
  loop.waiting = false;
}

/** Keeps a history short enough to replay in about a second, and takes a worker's new version between iterations. */
function runIsOver({ next, perRun }: LoopState, first: number): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
  return next - first >= perRun || continueAsNewSuggested || targetWorkerDeploymentVersionChanged;
}

/** Carries requests that came while the handlers finished, too. */
async function continueLoop(loop: LoopState, prepared: PreparedLoop, config: unknown): Promise<never> {
  await condition(allHandlersFinished);
  const { next, tally, paused, stopRequested, hint, perRun } = loop;
  const champion = loop.champion ?? prepared.champion;
  const continueAsNew = makeContinueAsNewFunc<typeof karpathyLoop>({ initialVersioningBehavior: 'AUTO_UPGRADE' });
  return continueAsNew(config, { prepared, champion, next, tally, paused, stopRequested, hint, perRun });
}
