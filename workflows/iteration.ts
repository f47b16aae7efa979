import { CancellationScope, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type {
  BenchmarkAnswer,
  CollectAnswer,
  Hotspot,
  IterationFacts,
  IterationRef,
  IterationResult,
  RollbackAnswer,
  StepName,
  Steps,
  WithSeconds,
} from '../domain/steps.ts';
import type { Reason } from '../domain/ledger/record.ts';
import { stepOptions } from './activity-options.ts';
import { failureText } from './failure-text.ts';
import { hostLossOf, type HostLoss } from './host-loss.ts';
import { lostHostText, storyOf } from './iteration-story.ts';
import { advance, begin, type IterationEvent, type IterationSnapshot } from './machine.ts';
import { iterationStatusQuery } from './messages.ts';

export interface IterationInput {
  ref: IterationRef;
  /** Repairs allowed. */
  repairs: number;
  /** Longest duration of one attempt of each step, in seconds. */
  stepSeconds: Record<StepName, number>;
  /** The loop's queue, for collect and hypothesize; the other steps run where collect ran. */
  queue: string;
  /** How long a step waits for the worker that collected before that one is taken for lost. Default 600. */
  hostTimeoutSeconds?: number;
}

/** What the steps have found so far. */
export interface Findings {
  facts: IterationFacts;
  /** null before, and after the host that collected is lost. */
  collected: CollectAnswer | null;
  /** The latest host that was lost. */
  lost: HostLoss | null;
  hotspots: Hotspot[];
  /** Set by commit, or by the rollback that found a commit. */
  commit: string | null;
  reason: Reason | null;
  /** What someone else moved the champion to. */
  moved: string | null;
  /** Working time of the steps. */
  seconds: number;
}

/**
 * One iteration: takes the machine's step, runs its activity, feeds the outcome back, until a final state.
 * A cancel rolls back and returns like any other end; it fails only if the rollback itself cannot be done.
 */
export async function karpathyIteration(input: IterationInput): Promise<IterationResult> {
  const facts: IterationFacts = { ...input.ref, hypothesis: null, tree: null, verdict: null, attempts: 0, tokens: 0 };
  const found: Findings = {
    facts,
    collected: null,
    lost: null,
    hotspots: [],
    commit: null,
    reason: null,
    moved: null,
    seconds: 0,
  };
  let { snapshot, step } = begin(input.repairs);
  setHandler(iterationStatusQuery, () => ({
    iteration: input.ref.iteration,
    state: snapshot.value,
    title: found.facts.hypothesis?.title ?? null,
    attempt: snapshot.context.attempt,
    hostLost: lostHostText(snapshot, found),
  }));
  while (step !== null) {
    setCurrentDetails(storyOf(snapshot, found));
    ({ snapshot, step } = advance(snapshot, await outcomeOfStep(step, input, found, snapshot)));
  }
  setCurrentDetails(storyOf(snapshot, found));
  return toResult(snapshot, found);
}

/** Runs one step. What the world breaks is an event too, except in the rollback, which has only another worker to fall back on. */
async function outcomeOfStep(
  step: StepName,
  input: IterationInput,
  found: Findings,
  snapshot: IterationSnapshot,
): Promise<IterationEvent> {
  const run = () => runStep[step](input, found, snapshot);
  const isToFinish = step === 'commit' || step === 'rollback';
  try {
    return await (isToFinish ? CancellationScope.nonCancellable(run) : run());
  } catch (error) {
    // After a cancel of this workflow a failure of any kind (a worker that died on it, say) is part of the cancel.
    if (!isToFinish && CancellationScope.current().consideredCancelled)
      return { type: 'cancelled', detail: `cancelled during ${step}` };
    const lost = hostLossOf(error, {
      step,
      queue: found.collected?.queue ?? input.queue,
      seconds: input.hostTimeoutSeconds,
    });
    if (lost) {
      const event: IterationEvent = { type: 'host-lost', detail: lost.detail, decided: isDecided(step, lost, found) };
      if (snapshot.can(event)) return loseHost(event, lost, found);
    }
    if (step === 'rollback') throw error;
    return { type: 'infrastructure', detail: `${step}: ${failureText(error)}` };
  }
}

/** Whether a decision goes with the host: one that had begun, or one of which the evidence lay there only. */
function isDecided(step: StepName, { hadBegun }: HostLoss, { facts }: Findings): boolean {
  return step === 'benchmark' ? hadBegun : facts.verdict !== null;
}

/** The candidate's tree and its evidence are on the lost host; another one makes them from the hypothesis. */
function loseHost(event: IterationEvent, lost: HostLoss, found: Findings): IterationEvent {
  Object.assign(found, { lost, collected: null });
  Object.assign(found.facts, { tree: null, verdict: null });
  return event;
}

type RunStep = (input: IterationInput, found: Findings, snapshot: IterationSnapshot) => Promise<IterationEvent>;

/** Each step: the activity with its input, what is kept of the answer, and the event that it amounts to. */
const runStep: Record<StepName, RunStep> = {
  async collect(input, found) {
    found.collected = await timed(found, activities('collect', input, input.queue).collect(input.ref));
    return { type: 'collected' };
  },
  async analyze(input, found) {
    const { profile } = found.collected!;
    found.hotspots = (
      await timed(found, activities('analyze', input, host(found)).analyze({ ...input.ref, profile }))
    ).hotspots;
    return { type: 'analyzed' };
  },
  async hypothesize(input, found, { context }) {
    const { facts, hotspots, collected } = found;
    const previous = facts.hypothesis &&
      context.reason && { hypothesis: facts.hypothesis, reason: context.reason, detail: context.detail };
    const { attempt } = context;
    facts.attempts = attempt + 1;
    const proxy = activities(
      'hypothesize',
      input,
      input.queue,
      previous ? `repair ${attempt} after ${previous.reason}` : undefined,
    );
    const answer = await timed(
      found,
      proxy.hypothesize({ ...input.ref, hotspots, metric: collected!.metric, attempt, previous }),
    );
    facts.tokens += answer.tokens;
    if (answer.kind === 'none') return { type: 'no-hypothesis', detail: answer.detail };
    facts.hypothesis = answer.hypothesis;
    facts.tree = null;
    return { type: 'proposed' };
  },
  async apply(input, found) {
    const hypothesis = found.facts.hypothesis!;
    const applied = await timed(
      found,
      activities('apply', input, host(found), hypothesis.title).apply({ ...input.ref, hypothesis }),
    );
    found.facts.tree = applied.tree;
    return applied.kind === 'applied' ? { type: 'applied' } : { type: applied.reason, detail: applied.detail };
  },
  async test(input, found) {
    const { title, tree } = candidate(found);
    const tested = await timed(found, activities('test', input, host(found), title).test({ ...input.ref, tree }));
    return tested.kind === 'passed' ? { type: 'passed' } : { type: tested.reason, detail: tested.detail };
  },
  async benchmark(input, found) {
    const { title, tree } = candidate(found);
    const benchmarked = await timed(
      found,
      activities('benchmark', input, host(found), title).benchmark({ ...input.ref, tree }),
    );
    if (benchmarked.kind === 'judged') found.facts.verdict = benchmarked.verdict;
    return verdictEvent(benchmarked);
  },
  async commit(input, found) {
    const committed = await timed(
      found,
      activities('commit', input, host(found), candidate(found).title).commit(withTime(found)),
    );
    if (committed.kind === 'stale') {
      found.moved = committed.champion;
      return { type: 'stale', detail: committed.detail };
    }
    found.commit = committed.commit;
    return { type: 'committed' };
  },
  async rollback(input, found, { context }) {
    const reason = context.reason!;
    const detail =
      reason === 'infrastructure' && found.lost && !context.detail.includes(found.lost.detail)
        ? `${context.detail}; ${found.lost.detail} before`
        : context.detail;
    // Where nothing was collected no worker holds a tree, so the loop's queue will do.
    const proxy = activities('rollback', input, found.collected ? host(found) : input.queue, reason);
    const rolledBack = await timed(found, proxy.rollback({ ...withTime(found), reason, detail }));
    found.reason = rolledBack.reason;
    return closingEvent(rolledBack, found);
  },
};

async function timed<T extends object>(found: Findings, step: Promise<WithSeconds<T>>): Promise<T> {
  const answer = await step;
  found.seconds += answer.seconds ?? 0;
  return answer;
}

function withTime({ facts, seconds }: Findings): IterationFacts {
  return { ...facts, seconds };
}

function activities(
  step: StepName,
  { queue: loopQueue, stepSeconds, hostTimeoutSeconds }: IterationInput,
  queue: string,
  summary?: string,
): Steps {
  const place = {
    queue,
    loopQueue,
    seconds: stepSeconds[step],
    ...(hostTimeoutSeconds && { hostTimeoutSeconds }),
    ...(summary && { summary }),
  };
  return proxyActivities<Steps>(stepOptions(step, place));
}

/** The worker that collected: it holds the champion's export, the profile and the candidate's tree. */
function host({ collected }: Findings): string {
  return collected!.queue;
}

function candidate({ facts }: Findings): { title: string; tree: string } {
  return { title: facts.hypothesis!.title, tree: facts.tree! };
}

function verdictEvent(benchmarked: BenchmarkAnswer): IterationEvent {
  if (benchmarked.kind === 'failed') return { type: benchmarked.reason, detail: benchmarked.detail };
  const { verdict, estimate, pairs, interval } = benchmarked.verdict;
  const { objection } = benchmarked;
  if (objection) return { type: objection.reason, detail: objection.detail };
  if (verdict === 'accepted') return { type: 'accepted' };
  const [low, high] = interval.map((end) => (Math.abs(Math.log(end)) > 4.99 ? 'not determined' : end.toFixed(3)));
  const detail = `ratio ${estimate.toFixed(3)} (95 %: ${low} to ${high}) after ${pairs} pairs`;
  if (verdict !== 'rejected') return { type: 'undecided', detail };
  return { type: estimate >= 1 ? 'slower' : 'below-bar', detail };
}

/** The record says what the iteration was; a commit whose answer was lost is found there. */
function closingEvent({ outcome, commit }: RollbackAnswer, found: Findings): IterationEvent {
  if (outcome !== 'committed') return { type: outcome };
  found.commit = commit ?? null;
  return { type: 'alreadyCommitted' };
}

function toResult(snapshot: IterationSnapshot, { facts, commit, reason, moved, seconds }: Findings): IterationResult {
  const committed = snapshot.value === 'committed';
  return {
    iteration: facts.iteration,
    outcome: snapshot.value as IterationResult['outcome'],
    reason: committed ? null : reason,
    champion: commit ?? moved ?? facts.champion,
    title: facts.hypothesis?.title ?? '',
    tokens: facts.tokens,
    seconds,
    reportedRatio: committed ? (facts.verdict?.reportedRatio ?? null) : null,
  };
}
