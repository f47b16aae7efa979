/**
 * The one machine of an iteration. It says which step follows which outcome, and nothing else:
 * the workflow runs the steps, the diagram draws them, the status query names them and the tests walk them.
 *
 * Events are outcomes. One that sends the iteration back or to its rollback bears the reason's own name, as in the ledger.
 */
import { assign, initialTransition, setup, transition, type EventFrom, type SnapshotFrom } from 'xstate';
import type { Reason } from '../domain/record.ts';
import type { StepName } from '../domain/steps.ts';

/** Something went otherwise than hoped: the reason, and what is to be said of it. */
type Setback = { [R in Reason]: { type: R; detail: string } }[Reason];

type Success = 'collected' | 'analyzed' | 'proposed' | 'applied' | 'passed' | 'accepted' | 'committed';
/** How the rollback's record came out. `alreadyCommitted`: the record was there, and it is a commit. */
type Closing = 'rolledBack' | 'failed' | 'alreadyCommitted';

export type IterationEvent = Setback | { type: Success | Closing };

export interface IterationContext {
  /** Repairs allowed: how often a failed edit, build or test goes back to `hypothesize`. */
  repairs: number;
  /** 0 for the first hypothesis, then the repairs. */
  attempt: number;
  /** The latest setback. */
  reason: Reason | null;
  detail: string;
}

const run = <S extends StepName>(step: S) => ({ type: 'run', params: { step } }) as const;
const rollback = { target: 'rollback', actions: 'note' } as const;
const repair = [{ guard: 'repairs left', target: 'hypothesize', actions: ['note', 'nextAttempt'] }, rollback] as const;
/** What may befall each step before the commit. */
const interrupted = { infrastructure: rollback, cancelled: rollback } as const;

export const iterationMachine = setup({
  types: {
    context: {} as IterationContext,
    events: {} as IterationEvent,
    input: {} as { repairs: number },
  },
  actions: {
    // Never executed here: `transition` hands it to the caller, who runs the step.
    run: (_, params: { step: StepName }) => void params,
    note: assign(({ event }) => ('detail' in event ? { reason: event.type, detail: event.detail } : {})),
    nextAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
  },
  guards: {
    'repairs left': ({ context }) => context.attempt < context.repairs,
  },
}).createMachine({
  id: 'iteration',
  initial: 'collect',
  context: ({ input }) => freshContext(input),
  states: {
    collect: { entry: run('collect'), on: { collected: 'analyze', ...interrupted } },
    analyze: { entry: run('analyze'), on: { analyzed: 'hypothesize', ...interrupted } },
    hypothesize: { entry: run('hypothesize'), on: { proposed: 'apply', 'no-hypothesis': rollback, ...interrupted } },
    apply: {
      entry: run('apply'),
      // A duplicate is not a failed edit: asking again in the same words would bring it again.
      on: { applied: 'test', 'edit-refused': repair, 'build-failed': repair, duplicate: rollback, ...interrupted },
    },
    test: { entry: run('test'), on: { passed: 'benchmark', 'tests-failed': repair, ...interrupted } },
    benchmark: {
      entry: run('benchmark'),
      on: { accepted: 'commit', slower: rollback, 'below-bar': rollback, undecided: rollback, 'benchmark-failed': rollback, ...interrupted },
    },
    // A commit that has begun finishes: what is proven is not thrown away, and a cancel finds nothing half done.
    commit: { entry: run('commit'), on: { committed: 'committed', stale: rollback, infrastructure: rollback } },
    rollback: { entry: run('rollback'), on: { rolledBack: 'rolledBack', failed: 'failed', alreadyCommitted: 'committed' } },
    committed: { type: 'final' },
    rolledBack: { type: 'final' },
    failed: { type: 'final' },
  },
});

/** @param input is missing on the throw-away actors that the library makes for each transition */
function freshContext(input: { repairs: number } | undefined): IterationContext {
  return { repairs: input?.repairs ?? 0, attempt: 0, reason: null, detail: '' };
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
