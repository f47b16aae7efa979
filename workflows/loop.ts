import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { FinishAnswer, LoopRef, PreparedLoop, Steps } from '../domain/steps.ts';
import { finishOptions, prepareOptions } from './activity-options.ts';
import { asCode, failureText } from './failure-text.ts';
import { runIteration } from './loop-iteration.ts';
import { listen } from './loop-requests.ts';
import { count, restoreState, statusOf, stopReason, tallyOf, type CarriedState, type LoopState } from './loop-state.ts';
import type { LoopResult } from './messages.ts';

/**
 * One loop: prepare, one child workflow per iteration until a stop rule holds, finish.
 * @param config a LoopConfig as somebody wrote it; `prepare` checks it, and nothing here looks into it
 * @param carried from the run before, when it continued as new
 * @throws ApplicationFailure where `prepare` refuses; CancelledFailure after a cancel, once all is rolled back and finished
 */
export async function karpathyLoop(config: unknown, carried: Partial<CarriedState> = {}): Promise<LoopResult> {
  const loop = restoreState(workflowInfo().workflowId, carried);
  const root = CancellationScope.current();
  const work = new CancellationScope();
  listen(
    loop,
    () => work.cancel(),
    () => show(loop),
  );
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
  loop.ended = true;
  show(loop);
  if (loop.stop === 'cancelled') throw new CancelledFailure('the loop was cancelled');
  return {
    ...statusOf(loop),
    branchPending: finished?.branchPending ?? false,
    headToHead: finished?.headToHead ?? null,
  };
}

/** Until a stop rule holds. */
async function iterate(loop: LoopState, config: unknown): Promise<void> {
  show(loop);
  const isBegun = loop.prepared !== null;
  const prepared = (loop.prepared ??= await prepare(loop, config));
  if (!isBegun && prepared.earlier) loop.tally = tallyOf(prepared.earlier);
  loop.champion ??= prepared.champion;
  loop.next = Math.max(loop.next, prepared.nextIteration);
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
    const result = await runIteration(prepared, loop.next, loop.champion);
    count(loop, result);
  }
}

async function prepare({ loopId }: LoopState, config: unknown): Promise<PreparedLoop> {
  try {
    return await proxyActivities<Steps>(prepareOptions).prepare({
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

/** Base and champion are measured unless `work` is cancelled, before or meanwhile: a cancel and a stop at once stay quick. */
async function finish(
  { queue, loopId, repository, stepSeconds }: PreparedLoop,
  work: CancellationScope,
): Promise<FinishAnswer> {
  const { finish: run } = proxyActivities<Steps>(finishOptions(queue, stepSeconds.benchmark));
  const ref: LoopRef = { loopId, repository };
  const isToBeQuick = () => work.consideredCancelled;
  if (!isToBeQuick()) {
    try {
      return await work.run(() => run({ ...ref, measure: true }));
    } catch (error) {
      if (!isCancellation(error) || !isToBeQuick()) throw error;
    }
  }
  return CancellationScope.nonCancellable(() => run({ ...ref, measure: false }));
}

/** Until somebody resumes or stops the loop. */
async function pause(loop: LoopState): Promise<void> {
  loop.waiting = true;
  show(loop);
  await condition(() => !loop.paused || loop.stopRequested);
  loop.waiting = false;
}

/** A history is kept short enough to replay in about a second, and a new version of the worker is taken between two iterations. */
function runIsOver({ next, perRun }: LoopState, first: number): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
  return next - first >= perRun || continueAsNewSuggested || targetWorkerDeploymentVersionChanged;
}

/** What was asked for while the handlers finished is carried too. */
async function continueLoop(loop: LoopState, prepared: PreparedLoop, config: unknown): Promise<never> {
  await condition(allHandlersFinished);
  const { next, tally, paused, stopRequested, perRun } = loop;
  const champion = loop.champion ?? prepared.champion;
  const continueOnNewestVersion = makeContinueAsNewFunc<typeof karpathyLoop>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
  });
  return continueOnNewestVersion(config, { prepared, champion, next, tally, paused, stopRequested, perRun });
}

/** What the Temporal UI shows of the loop, as Markdown. */
function show(loop: LoopState): void {
  const { phase, iteration, iterations, committed, rolledBack, failed, last, stop, summary } = statusOf(loop);
  const counts = `${committed} committed, ${rolledBack} rolled back, ${failed} failed`;
  const lines = [
    `**${phase}**${stop ? ` (${stop})` : ''}${iterations > 0 ? `: iteration ${iteration} of ${iterations}; ${counts}` : ''}`,
    last && `Last: ${last.title ? asCode(last.title) : 'no hypothesis'}: ${last.reason ?? last.outcome}`,
    summary,
  ];
  setCurrentDetails(lines.filter(Boolean).join('\n\n'));
}
