/** The one machine of an iteration: the workflow runs its steps, the diagram draws them, the tests walk them. */
import { assign, initialTransition, setup, transition, type SnapshotFrom } from 'xstate';
import type { Reason } from '../domain/ledger/record.ts';
import type { StepName } from '../domain/steps.ts';
import { nothingKnown, sumOf, type IterationContext, type IterationEvent } from './iteration-context.ts';

/** Restarts of an iteration after its host was lost. */
const maxRestarts = 3;
/** An iteration's own decision and one more: the alpha in domain/verdict/decision.ts is divided by it. */
const maxDecisions = 2;

const run = <S extends StepName>(step: S) => ({ type: 'run', params: { step } }) as const;
const to = <T extends string>(target: T) => ({ target, actions: 'keep' }) as const;
const rollback = { target: 'rollback', actions: ['keep', 'note'] } as const;
const repair = [{ ...rollback, guard: 'repairs left', target: 'hypothesize' }, rollback] as const;
/** Outcomes of every step before the commit. */
const interrupted = { infrastructure: rollback, cancelled: rollback } as const;
/** Outcome of a step that needs the host's files: another host begins again from the champion. */
const hostLost = [
  { guard: 'restarts left', target: 'collect', actions: ['keep', 'loseHost'] },
  { target: 'rollback', actions: ['keep', 'loseHost', 'giveUp'] },
] as const;
const onHost = { ...interrupted, 'host-lost': hostLost } as const;

export const iterationMachine = setup({
  types: { context: {} as IterationContext, events: {} as IterationEvent, input: {} as { repairs: number } },
  actions: {
    // Never executed here: `transition` hands it to the caller, who runs the step.
    run: (_, params: { step: StepName }) => void params,
    keep: assign(({ context, event }) => {
      const { type, decided, tokens = 0, seconds = 0, spent, screened = [], ...outputs } = event;
      const sums = { tokens: context.tokens + tokens, seconds: context.seconds + seconds };
      return {
        ...outputs,
        ...sums,
        spent: sumOf(context.spent, spent),
        screened: [...context.screened, ...screened],
      };
    }),
    note: assign(({ event }) => ({ reason: event.type as Reason })),
    countAttempt: assign({ attempts: ({ context }) => context.attempts + 1, candidates: [] }),
    settle: assign({ candidates: [] }),
    loseHost: assign(({ context, event }) => ({
      collected: null,
      tree: null,
      verdict: null,
      lostHosts: context.lostHosts + 1,
      lostDecisions: context.lostDecisions + Number(event.decided),
    })),
    giveUp: assign(({ context }) => ({
      reason: 'infrastructure',
      detail: `${context.lost}; ${limitReached(context)}`,
    })),
    // A verdict without its evidence is not recorded as one.
    loseEvidence: assign(({ context, event }) =>
      event.decided
        ? {
            reason: 'infrastructure',
            detail: `${context.lost}, and the evidence with it; it was ${context.reason}: ${context.detail}`,
          }
        : {},
    ),
  },
  guards: {
    'repairs left': ({ context }) => context.attempts <= context.repairs,
    'restarts left': ({ context, event }) =>
      context.lostHosts < maxRestarts && context.lostDecisions + Number(event.decided) < maxDecisions,
    'hypothesis kept': ({ context }) => context.hypothesis !== null,
    'candidates kept': ({ context }) => context.candidates.length > 0,
    'on a host': ({ context }) => context.collected !== null,
  },
}).createMachine({
  id: 'iteration',
  initial: 'collect',
  // The library makes throw-away actors without input for each transition.
  context: ({ input }: { input?: { repairs: number } }) => ({ ...nothingKnown, repairs: input?.repairs ?? 0 }),
  states: {
    collect: {
      entry: run('collect'),
      on: {
        collected: [
          { ...to('screen'), guard: 'candidates kept' },
          { ...to('apply'), guard: 'hypothesis kept' },
          to('analyze'),
        ],
        'champion-failed': rollback,
        ...interrupted,
      },
    },
    analyze: { entry: run('analyze'), on: { analyzed: to('hypothesize'), ...onHost } },
    hypothesize: {
      entry: ['countAttempt', run('hypothesize')],
      on: { proposed: to('apply'), drawn: to('screen'), 'no-hypothesis': rollback, ...interrupted },
    },
    // Where all have fallen, the reason is that of the one that came furthest.
    screen: {
      entry: run('screen'),
      on: {
        chosen: { target: 'apply', actions: ['keep', 'settle'] },
        'edit-refused': repair,
        'build-failed': repair,
        'tests-failed': repair,
        duplicate: rollback,
        'benchmark-failed': rollback,
        ...onHost,
      },
    },
    apply: {
      entry: run('apply'),
      // A duplicate is not a failed edit: asking again in the same words would bring it again.
      on: { applied: to('test'), 'edit-refused': repair, 'build-failed': repair, duplicate: rollback, ...onHost },
    },
    // A failed guard is not repaired: each repair would tell the model something of it.
    test: {
      entry: run('test'),
      on: { passed: to('benchmark'), 'tests-failed': repair, 'guard-failed': rollback, ...onHost },
    },
    benchmark: {
      entry: run('benchmark'),
      on: {
        accepted: to('challenge'),
        slower: rollback,
        'below-bar': rollback,
        undecided: rollback,
        uncorroborated: rollback,
        'side-metric-worse': rollback,
        'side-metric-unknown': rollback,
        'benchmark-failed': rollback,
        ...onHost,
      },
    },
    // Only an accepted candidate is worth these checks.
    challenge: {
      entry: run('challenge'),
      on: {
        withstood: to('commit'),
        'tests-failed': rollback,
        'guard-failed': rollback,
        'tests-blind': rollback,
        'behaviour-changed': rollback,
        ...onHost,
      },
    },
    // A commit that has begun finishes, even after a cancel: nothing is left half done.
    commit: {
      entry: run('commit'),
      on: { committed: to('committed'), stale: rollback, infrastructure: rollback, 'host-lost': hostLost },
    },
    rollback: {
      entry: run('rollback'),
      on: {
        rolledBack: to('rolledBack'),
        failed: to('failed'),
        alreadyCommitted: to('committed'),
        // Any worker can write the record.
        'host-lost': {
          guard: 'on a host',
          target: 'rollback',
          reenter: true,
          actions: ['keep', 'loseHost', 'loseEvidence'],
        },
      },
    },
    committed: { type: 'final' },
    rolledBack: { type: 'final' },
    failed: { type: 'final' },
  },
});

/** @param context after the loss is counted */
function limitReached({ lostDecisions }: IterationContext): string {
  return lostDecisions >= maxDecisions
    ? 'a second decision was lost with it'
    : `it had started again ${maxRestarts} times`;
}

export type IterationSnapshot = SnapshotFrom<typeof iterationMachine>;

/** A snapshot and the step to run next; null once the iteration is over. */
export interface Position {
  snapshot: IterationSnapshot;
  step: StepName | null;
}

export function begin(repairs: number): Position {
  return position(initialTransition(iterationMachine, { repairs }));
}

/**
 * Returns the state after an event, and the step to run in it.
 * @throws IllegalEventError where the state does not allow the event
 */
export function advance(snapshot: IterationSnapshot, event: IterationEvent): Position {
  if (!snapshot.can(event))
    throw Object.assign(new Error(`iteration: "${event.type}" is not allowed in "${snapshot.value}"`), {
      name: 'IllegalEventError',
    });
  return position(transition(iterationMachine, snapshot, event));
}

function position([snapshot, actions]: [IterationSnapshot, readonly { type: string; params?: unknown }[]]): Position {
  const run = actions.find(({ type }) => type === 'run');
  return { snapshot, step: run ? (run.params as { step: StepName }).step : null };
}
