import type { IterationFacts, IterationRef, RollbackInput, StepName, Steps } from '../domain/steps.ts';
import type { IterationContext, IterationEvent } from './iteration-context.ts';

export type StepAnswer<S extends StepName> = Awaited<ReturnType<Steps[S]>>;

/** Turns the context into a step's input, and its answer into an event. */
export interface StepCall<S extends StepName> {
  /** @throws Error where the context lacks what the step needs; the machine's order rules that out */
  input(ref: IterationRef, context: IterationContext): Parameters<Steps[S]>[0];
  event(answer: StepAnswer<S>): IterationEvent;
}

export const stepCalls: { [S in StepName]: StepCall<S> } = {
  collect: {
    input: (ref) => ref,
    event: (answer) =>
      'kind' in answer
        ? // The rollback goes back on the worker that has found it.
          { type: answer.reason, detail: answer.detail, collected: { ...nothingCollected, queue: answer.queue } }
        : { type: 'collected', collected: answer },
  },
  analyze: {
    input: (ref, { collected }) => ({ ...ref, profile: known(collected, 'profile').profile }),
    event: ({ hotspots }) => ({ type: 'analyzed', hotspots }),
  },
  hypothesize: {
    input: (ref, { collected, hotspots, attempts, hypothesis, reason, detail }) => ({
      ...ref,
      hotspots,
      metric: known(collected, 'metric').metric,
      attempt: attempts - 1,
      previous: hypothesis && reason && { hypothesis, reason, detail },
    }),
    event: hypothesizeEvent,
  },
  screen: {
    input: (ref, { candidates }) => ({ ...ref, hypotheses: candidates }),
    event: (answer) => {
      const { hypothesis, screened } = answer;
      const known = { hypothesis, screened };
      if (answer.kind === 'chosen') return { type: 'chosen', ...known };
      return { type: answer.reason, detail: answer.detail, tree: answer.tree, ...known };
    },
  },
  apply: {
    input: (ref, { hypothesis }) => ({ ...ref, hypothesis: known(hypothesis, 'hypothesis') }),
    event: (answer) =>
      answer.kind === 'applied'
        ? { type: 'applied', tree: answer.tree }
        : { type: answer.reason, detail: answer.detail, tree: answer.tree },
  },
  test: {
    input: (ref, { tree }) => ({ ...ref, tree: known(tree, 'tree') }),
    event: (answer) => (answer.kind === 'passed' ? { type: 'passed' } : { type: answer.reason, detail: answer.detail }),
  },
  benchmark: {
    input: (ref, { tree }) => ({ ...ref, tree: known(tree, 'tree') }),
    event: verdictEvent,
  },
  challenge: {
    input: (ref, { tree }) => ({ ...ref, tree: known(tree, 'tree') }),
    event: (answer) =>
      answer.kind === 'withstood' ? { type: 'withstood' } : { type: answer.reason, detail: answer.detail },
  },
  commit: {
    input: factsOf,
    event: (answer) =>
      answer.kind === 'committed'
        ? { type: 'committed', champion: answer.commit }
        : { type: 'stale', detail: answer.detail, champion: answer.champion },
  },
  rollback: {
    input: rollbackInput,
    event: ({ outcome, reason, commit }) =>
      outcome === 'committed'
        ? { type: 'alreadyCommitted', ...(commit && { champion: commit }) }
        : { type: outcome, recorded: reason, ...(commit && { champion: commit }) },
  },
};

const nothingCollected = { profile: null, metric: 0 };

/** The summary of a step for the Temporal UI. */
export function summaryOf(step: StepName, { champion }: IterationRef, context: IterationContext): string | null {
  const { attempts, reason, hypothesis, candidates, collected, hotspots } = context;
  const title = hypothesis?.title;
  const [hottest] = hotspots;
  switch (step) {
    case 'collect':
      return `metric and profile of ${champion.slice(0, 12)}`;
    case 'analyze':
      return collected && `hotspots at a metric of ${Number(collected.metric.toPrecision(4))}`;
    case 'hypothesize':
      if (attempts > 1) return `repair ${attempts - 1} after ${reason}${title ? `: ${title}` : ''}`;
      return hottest ? `hottest: ${[hottest.file, hottest.name].filter(Boolean).join(': ')}` : 'no hotspots are known';
    case 'screen':
      return `${candidates.length} candidates: ${candidates.map((one) => one.title).join('; ')}`;
    case 'rollback':
      return [reason, title].filter(Boolean).join(': ');
    case 'apply':
    case 'test':
    case 'benchmark':
    case 'challenge':
    case 'commit':
      return title ?? null;
  }
}

function hypothesizeEvent(answer: StepAnswer<'hypothesize'>): IterationEvent {
  const { tokens, screened = [] } = answer;
  if (answer.kind === 'none')
    return { type: 'no-hypothesis', detail: answer.detail, isLast: answer.isLast ?? false, tokens, screened };
  // What a repair was of is not what is tried next.
  const fresh = { tree: null, tokens, screened };
  if (answer.kind === 'several') return { type: 'drawn', candidates: answer.hypotheses, hypothesis: null, ...fresh };
  return { type: 'proposed', hypothesis: answer.hypothesis, ...fresh };
}

function verdictEvent(answer: StepAnswer<'benchmark'>): IterationEvent {
  if (answer.kind === 'failed') return { type: answer.reason, detail: answer.detail };
  const { objection, verdict } = answer;
  return objection ? { type: objection.reason, detail: objection.detail, verdict } : { type: 'accepted', verdict };
}

function rollbackInput(ref: IterationRef, context: IterationContext): RollbackInput {
  const { detail, lost } = context;
  const reason = known(context.reason, 'reason');
  const isLostBefore = reason === 'infrastructure' && lost !== null && !detail.includes(lost);
  return { ...factsOf(ref, context), reason, detail: isLostBefore ? `${detail}; ${lost} before` : detail };
}

function factsOf(ref: IterationRef, context: IterationContext): IterationFacts {
  const { hypothesis, tree, verdict, attempts, tokens, seconds, spent, screened } = context;
  const facts = { ...ref, hypothesis, tree, verdict, attempts, tokens, seconds, spent };
  return screened.length > 0 ? { ...facts, screened } : facts;
}

function known<T>(value: T | null, name: string): T {
  if (value === null) throw new Error(`the iteration has no ${name} yet`);
  return value;
}
