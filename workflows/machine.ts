/**
 * The one machine of an iteration. It says which step follows which outcome, and nothing else:
 * the workflow runs the steps, the diagram draws them, the status query names them and the tests walk them.
 *
 * Events are outcomes. One that sends the iteration back or to its rollback bears the reason's own name, as in the ledger.
 */
import { assign, initialTransition, setup, transition, type EventFrom, type SnapshotFrom } from 'xstate';
import type { Reason } from '../domain/ledger/record.ts';
import type { StepName } from '../domain/steps.ts';

/** Something went otherwise than hoped: the reason, and what is to be said of it. */
type Setback = { [R in Reason]: { type: R; detail: string } }[Reason];

type Success = 'collected' | 'analyzed' | 'proposed' | 'applied' | 'passed' | 'accepted' | 'committed';
/** How the rollback's record came out. `alreadyCommitted`: the record was there, and it is a commit. */
type Closing = 'rolledBack' | 'failed' | 'alreadyCommitted';

/** The worker that holds the iteration's files takes no step any more. `decided`: a verdict had begun there, or was there. */
type HostLost = { type: 'host-lost'; detail: string; decided: boolean };

export type IterationEvent = Setback | { type: Success | Closing } | HostLost;

export interface IterationContext {
  /** Repairs allowed: how often a failed edit, build or test goes back to `hypothesize`. */
  repairs: number;
  /** 0 for the first hypothesis, then the repairs. */
  attempt: number;
  /** The latest setback. */
  reason: Reason | null;
  detail: string;
  /** Whether there is a hypothesis: it is kept when a host is lost, and not asked or paid for again. */
  hasHypothesis: boolean;
  /** Whether a worker has collected, and so holds the iteration's files. */
  hasHost: boolean;
  /** Hosts lost so far. */
  lostHosts: number;
  /** Decisions that had begun on lost hosts: they are spent, for a decision is not begun again until it pleases. */
  lostDecisions: number;
}

/** How often an iteration starts again after its host was lost. */
const maxRestarts = 3;
/** An iteration's own decision and one more: what alpha in domain/verdict/decision.ts reckons with. */
const maxDecisions = 2;

const run = <S extends StepName>(step: S) => ({ type: 'run', params: { step } }) as const;
const rollback = { target: 'rollback', actions: 'note' } as const;
const repair = [{ guard: 'repairs left', target: 'hypothesize', actions: ['note', 'nextAttempt'] }, rollback] as const;
/** What may befall each step before the commit. */
const interrupted = { infrastructure: rollback, cancelled: rollback } as const;
/** What may befall a step that runs where the files are: another host begins again from the champion. */
const hostLost = [
  { guard: 'restarts left', target: 'collect', actions: 'loseHost' },
  { target: 'rollback', actions: ['loseHost', 'giveUp'] },
] as const;
const onHost = { ...interrupted, 'host-lost': hostLost } as const;

export const iterationMachine = setup({
  types: {
    context: {} as IterationContext,
    events: {} as IterationEvent,
    input: {} as { repairs: number },
  },
  actions: {
    // Never executed here: `transition` hands it to the caller, who runs the step.
    run: (_, params: { step: StepName }) => void params,
    note: assign(({ event }) =>
      'detail' in event && event.type !== 'host-lost' ? { reason: event.type, detail: event.detail } : {},
    ),
    nextAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    keepHypothesis: assign({ hasHypothesis: true }),
    gainHost: assign({ hasHost: true }),
    loseHost: assign(({ context, event }) => ({
      hasHost: false,
      lostHosts: context.lostHosts + 1,
      lostDecisions: context.lostDecisions + decisionsLost(event),
    })),
    giveUp: assign(({ context, event }) => ({
      reason: 'infrastructure',
      detail: `${detailOf(event)}; ${limitReached(context)}`,
    })),
    // A judgement without its evidence is not recorded as one.
    loseEvidence: assign(({ context, event }) =>
      decisionsLost(event) > 0
        ? {
            reason: 'infrastructure',
            detail: `${detailOf(event)}, and the evidence with it; it was ${context.reason}: ${context.detail}`,
          }
        : {},
    ),
  },
  guards: {
    'repairs left': ({ context }) => context.attempt < context.repairs,
    'restarts left': ({ context, event }) =>
      context.lostHosts < maxRestarts && context.lostDecisions + decisionsLost(event) < maxDecisions,
    'hypothesis kept': ({ context }) => context.hasHypothesis,
    'on a host': ({ context }) => context.hasHost,
  },
}).createMachine({
  id: 'iteration',
  initial: 'collect',
  context: ({ input }) => freshContext(input),
  states: {
    collect: {
      entry: run('collect'),
      on: {
        collected: [
          { guard: 'hypothesis kept', target: 'apply', actions: 'gainHost' },
          { target: 'analyze', actions: 'gainHost' },
        ],
        ...interrupted,
      },
    },
    analyze: { entry: run('analyze'), on: { analyzed: 'hypothesize', ...onHost } },
    hypothesize: {
      entry: run('hypothesize'),
      on: { proposed: { target: 'apply', actions: 'keepHypothesis' }, 'no-hypothesis': rollback, ...interrupted },
    },
    apply: {
      entry: run('apply'),
      // A duplicate is not a failed edit: asking again in the same words would bring it again.
      on: { applied: 'test', 'edit-refused': repair, 'build-failed': repair, duplicate: rollback, ...onHost },
    },
    // A failed guard is not repaired: each repair would tell the model something of it.
    test: {
      entry: run('test'),
      on: { passed: 'benchmark', 'tests-failed': repair, 'guard-failed': rollback, ...onHost },
    },
    benchmark: {
      entry: run('benchmark'),
      on: {
        accepted: 'commit',
        slower: rollback,
        'below-bar': rollback,
        undecided: rollback,
        uncorroborated: rollback,
        'side-metric-worse': rollback,
        'benchmark-failed': rollback,
        ...onHost,
      },
    },
    // A commit that has begun finishes: what is proven is not thrown away, and a cancel finds nothing half done.
    commit: {
      entry: run('commit'),
      on: { committed: 'committed', stale: rollback, infrastructure: rollback, 'host-lost': hostLost },
    },
    rollback: {
      entry: run('rollback'),
      on: {
        rolledBack: 'rolledBack',
        failed: 'failed',
        alreadyCommitted: 'committed',
        // Any worker can write the record.
        'host-lost': { guard: 'on a host', target: 'rollback', reenter: true, actions: ['loseHost', 'loseEvidence'] },
      },
    },
    committed: { type: 'final' },
    rolledBack: { type: 'final' },
    failed: { type: 'final' },
  },
});

/** @param input is missing on the throw-away actors that the library makes for each transition */
function freshContext(input: { repairs: number } | undefined): IterationContext {
  const repairs = input?.repairs ?? 0;
  return {
    repairs,
    attempt: 0,
    reason: null,
    detail: '',
    hasHypothesis: false,
    hasHost: false,
    lostHosts: 0,
    lostDecisions: 0,
  };
}

function decisionsLost(event: IterationEvent): number {
  return event.type === 'host-lost' && event.decided ? 1 : 0;
}

function detailOf(event: IterationEvent): string {
  return 'detail' in event ? event.detail : '';
}

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
 * The state after an event, and the step to run in it.
 * @throws IllegalEventError where the state does not allow the event
 */
export function advance(snapshot: IterationSnapshot, event: EventFrom<typeof iterationMachine>): Position {
  if (!snapshot.can(event)) throw illegalEvent(snapshot, event);
  return position(transition(iterationMachine, snapshot, event));
}

function position([snapshot, actions]: [IterationSnapshot, readonly { type: string; params?: unknown }[]]): Position {
  const steps = actions.filter(({ type }) => type === 'run').map(({ params }) => (params as { step: StepName }).step);
  return { snapshot, step: steps[0] ?? null };
}

function illegalEvent(snapshot: IterationSnapshot, event: IterationEvent): Error {
  const error = new Error(`iteration: "${event.type}" is not allowed in "${snapshot.value}"`);
  error.name = 'IllegalEventError';
  return error;
}
