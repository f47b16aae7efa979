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
import { finishOptions, unboundedOptions } from './activity-options.ts';
import { asCode, failureText, lastingFailure } from './failure-text.ts';
import { runIteration } from './loop-iteration.ts';
import { listen } from './loop-requests.ts';
import { count, restoreState, statusOf, stopReason, tallyOf, type CarriedState, type LoopState } from './loop-state.ts';
import type { LoopResult } from './messages.ts';

/**
 * Runs one loop: prepare, a child workflow per iteration, finish.
 * @param config a LoopConfig, which only `prepare` reads
 * @throws ApplicationFailure if `prepare` refuses, or for a fault that lasts; CancelledFailure after a cancel
 */
export async function karpathyLoop(config: unknown, carried: Partial<CarriedState> = {}): Promise<LoopResult> {
  const loop = restoreState(workflowInfo().workflowId, carried);
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
  loop.ended = true;
  show(loop);
  if (loop.stop === 'cancelled') throw new CancelledFailure('the loop was cancelled');
  if (loop.fault) throw lastingFailure(loop.fault);
  const { branchPending = null, headToHead = null } = finished ?? {};
  return { ...statusOf(loop), branchPending, headToHead };
}

/** Runs iterations until a stop rule holds. */
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
    const result = await runIteration(prepared, { iteration: loop.next, champion: loop.champion, hint: loop.hint });
    count(loop, result);
  }
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

/** Shows the loop in the Temporal UI, as Markdown. */
function show(loop: LoopState): void {
  const { phase, iteration, iterations, committed, rolledBack, failed, last, stop, summary, notes } = statusOf(loop);
  const counts = `${committed} committed, ${rolledBack} rolled back, ${failed} failed`;
  const progress = iterations > 0 ? `: iteration ${iteration} of ${iterations}; ${counts}` : '';
  const lines = [
    `**${phase}**${stop ? ` (${stop})` : ''}${progress}`,
    last && `Last: ${last.title ? asCode(last.title) : 'no hypothesis'}: ${last.reason ?? last.outcome}`,
    summary,
    ...notes.map((note) => asCode(note)),
  ];
  setCurrentDetails(lines.filter(Boolean).join('\n\n'));
}
