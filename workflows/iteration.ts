import { CancellationScope, scheduleActivity, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Spent } from '../domain/ledger/spent.ts';
import type { IterationRef, IterationResult, StepName } from '../domain/steps.ts';
import { stepOptions } from './activity-options.ts';
import { failureText, isLasting } from './failure-text.ts';
import { hostLossOf } from './host-loss.ts';
import type { IterationContext, IterationEvent } from './iteration-context.ts';
import { lostHostText, storyOf } from './story/iteration.ts';
import { advance, begin, type IterationSnapshot } from './machine.ts';
import { iterationStatusQuery } from './messages.ts';
import { indexOutcome } from './story/search-attributes.ts';
import { stepCalls, summaryOf, type StepAnswer, type StepCall } from './step-calls.ts';

export interface IterationInput {
  ref: IterationRef;
  /** Repairs allowed. */
  repairs: number;
  /** Max. duration of one attempt of each step, in seconds. */
  stepSeconds: Record<StepName, number>;
  /** The loop's queue, for collect and hypothesize; the other steps run where collect ran. */
  queue: string;
  /** Time that a step waits for the worker that collected before that counts as lost, in seconds. Default 600. */
  hostTimeoutSeconds?: number;
  /** See PreparedLoop. */
  isIndexed?: boolean;
}

/**
 * Runs the machine's steps until it ends. A cancel rolls back and returns like any other end.
 * @throws ActivityFailure if the rollback itself fails
 */
export async function karpathyIteration(input: IterationInput): Promise<IterationResult> {
  let { snapshot, step } = begin(input.repairs);
  setHandler(iterationStatusQuery, () => ({
    iteration: input.ref.iteration,
    state: snapshot.value,
    title: snapshot.context.hypothesis?.title ?? null,
    attempt: Math.max(0, snapshot.context.attempts - 1),
    repairOf: snapshot.value === 'hypothesize' && snapshot.context.attempts > 1 ? snapshot.context.reason : null,
    hostLost: lostHostText(snapshot),
  }));
  while (step !== null) {
    setCurrentDetails(storyOf(snapshot));
    ({ snapshot, step } = advance(snapshot, await outcomeOf(step, input, snapshot)));
  }
  setCurrentDetails(storyOf(snapshot));
  const result = resultOf(snapshot, input.ref);
  if (input.isIndexed) indexOutcome(result, snapshot.context.verdict);
  return result;
}

/** Runs one step. Its failure is an event too, except in the rollback, which only another worker can take over. */
async function outcomeOf(step: StepName, input: IterationInput, snapshot: IterationSnapshot): Promise<IterationEvent> {
  const { context } = snapshot;
  const queue = step === 'hypothesize' ? input.queue : (context.collected?.queue ?? input.queue);
  const run = () => runStep(step, input, context, queue);
  const isClosing = step === 'commit' || step === 'rollback';
  try {
    return await (isClosing ? CancellationScope.nonCancellable(run) : run());
  } catch (error) {
    // After a cancel of this workflow a failure of any kind (a worker that died on it, say) is part of the cancel.
    if (!isClosing && CancellationScope.current().consideredCancelled)
      return { type: 'cancelled', detail: `cancelled during ${step}` };
    const loss = hostLossOf(error, { step, queue, seconds: input.hostTimeoutSeconds });
    if (loss) {
      // A decision goes with the host that had begun it, or that alone holds its evidence.
      const decided = step === 'benchmark' ? loss.hadBegun : context.verdict !== null;
      const event: IterationEvent = { type: 'host-lost', lost: loss.detail, decided };
      if (snapshot.can(event)) return event;
    }
    if (step === 'rollback') throw error;
    const text = failureText(error);
    return { type: 'infrastructure', detail: `${step}: ${text}`, fault: isLasting(error) ? text : null };
  }
}

async function runStep(
  step: StepName,
  { ref, queue: loopQueue, stepSeconds, hostTimeoutSeconds }: IterationInput,
  context: IterationContext,
  queue: string,
): Promise<IterationEvent> {
  const call: StepCall<StepName> = stepCalls[step];
  const options = stepOptions(step, {
    queue,
    loopQueue,
    seconds: stepSeconds[step],
    hostTimeoutSeconds,
    summary: summaryOf(step, ref, context),
  });
  const answer = await scheduleActivity<StepAnswer<StepName>>(step, [call.input(ref, context)], options);
  const { seconds = 0, waited = 0 } = answer;
  return { ...call.event(answer), seconds, spent: spentBy(step, seconds, waited) };
}

function spentBy(step: StepName, seconds: number, waiting: number): Spent {
  const isMeasuring = step === 'screen' || step === 'benchmark';
  return { model: step === 'hypothesize' ? seconds : 0, benchmark: isMeasuring ? seconds : 0, waiting };
}

/** In characters: the loop's status carries it. */
const maxDetail = 300;

function resultOf({ value, context }: IterationSnapshot, ref: IterationRef): IterationResult {
  const isCommitted = value === 'committed';
  return {
    iteration: ref.iteration,
    outcome: value as IterationResult['outcome'],
    reason: isCommitted ? null : context.recorded,
    champion: context.champion ?? ref.champion,
    title: context.hypothesis?.title ?? '',
    tokens: context.tokens,
    seconds: context.seconds,
    spent: context.spent,
    detail: isCommitted ? '' : (context.detail.trim().split('\n')[0] ?? '').slice(0, maxDetail),
    fault: context.fault,
    measured: context.verdict?.reported.text ?? null,
    ratio: context.verdict?.reported.ratio ?? null,
    pairs: context.verdict?.reported.pairs ?? null,
    reportedRatio: isCommitted ? (context.verdict?.reported.ratio ?? null) : null,
    ...(context.isLast && { isLast: true }),
    ...(context.screened.length > 0 && {
      screened: context.screened.map(({ where, seconds }) => ({ where, seconds })),
    }),
  };
}
