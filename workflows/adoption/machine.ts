/** The machine of an adoption: every path ends in adopted or withdrawn. */
import { assign, initialTransition, setup, transition, type SnapshotFrom } from 'xstate';
import type { AdoptionStep, AdoptionSteps, Finding } from '../../domain/adoption/adoption.ts';

export type AdoptionActivity = keyof AdoptionSteps;

/** The outcome of a step; `text` says what was found. */
export type AdoptionEvent = { type: 'passed' | 'failed'; text: string };

interface AdoptionContext {
  findings: Finding[];
}

const run = <S extends AdoptionActivity>(step: S) => ({ type: 'run', params: { step } }) as const;
/** A step of the list: what fails is withdrawn. */
const listed = <S extends AdoptionStep, T extends string>(step: S, next: T) => {
  const keep = (passed: boolean) => ({ type: 'keep', params: { step, passed } }) as const;
  return {
    entry: run(step),
    on: { passed: { target: next, actions: keep(true) }, failed: { target: 'withdraw', actions: keep(false) } },
  } as const;
};

/** @internal */
export const adoptionMachine = setup({
  types: { context: {} as AdoptionContext, events: {} as AdoptionEvent },
  actions: {
    // Never executed here: `transition` hands it to the caller, who runs the step.
    run: (_, params: { step: AdoptionActivity }) => void params,
    keep: assign(({ context, event }, { step, passed }: Pick<Finding, 'step' | 'passed'>) => ({
      findings: [...context.findings, { step, passed, text: event.text }],
    })),
    // A trial that passed and was then ended by somebody else has failed.
    contradict: assign(({ context, event }) => ({
      findings: [...context.findings.slice(0, -1), { step: 'accompany' as const, passed: false, text: event.text }],
    })),
  },
}).createMachine({
  id: 'adoption',
  initial: 'inspect',
  context: { findings: [] },
  states: {
    inspect: listed('inspect', 'build'),
    build: listed('build', 'rehearse'),
    rehearse: listed('rehearse', 'shadow'),
    shadow: listed('shadow', 'examine'),
    examine: listed('examine', 'promote'),
    promote: listed('promote', 'accompany'),
    accompany: listed('accompany', 'adopt'),
    adopt: {
      entry: run('adopt'),
      on: { passed: 'adopted', failed: { target: 'withdraw', actions: 'contradict' } },
    },
    withdraw: { entry: run('withdraw'), on: { passed: 'withdrawn' } },
    adopted: { type: 'final' },
    withdrawn: { type: 'final' },
  },
});

type AdoptionSnapshot = SnapshotFrom<typeof adoptionMachine>;

/** A snapshot and the step to run next; null once the adoption is over. */
interface Position {
  snapshot: AdoptionSnapshot;
  step: AdoptionActivity | null;
}

export function begin(): Position {
  return position(initialTransition(adoptionMachine));
}

/** @throws IllegalEventError where the state does not allow the event */
export function advance(snapshot: AdoptionSnapshot, event: AdoptionEvent): Position {
  if (!snapshot.can(event))
    throw Object.assign(new Error(`adoption: "${event.type}" is not allowed in "${snapshot.value}"`), {
      name: 'IllegalEventError',
    });
  return position(transition(adoptionMachine, snapshot, event));
}

function position([snapshot, actions]: [AdoptionSnapshot, readonly { type: string; params?: unknown }[]]): Position {
  const next = actions.find(({ type }) => type === 'run');
  return { snapshot, step: next ? (next.params as { step: AdoptionActivity }).step : null };
}
