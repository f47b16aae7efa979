import { getSimplePaths } from 'xstate/graph';
import { outcomeOf, type Reason } from '../../../domain/ledger/record.ts';
import type { StepName } from '../../../domain/steps.ts';
import { iterationMachine, type IterationEvent, type IterationSnapshot } from '../../../workflows/machine.ts';

/** One way through the machine, from its beginning to a final state. */
export interface IterationPath {
  repairs: number;
  /** One event for each step. */
  events: IterationEvent[];
  steps: StepName[];
  final: IterationSnapshot;
}

const successes = ['collected', 'analyzed', 'proposed', 'applied', 'passed', 'accepted', 'committed'] as const;
/** As an object, so that the compiler misses a reason that is not here. */
const setbacks: Record<Reason, true> = {
  'no-hypothesis': true,
  'edit-refused': true,
  duplicate: true,
  'build-failed': true,
  'tests-failed': true,
  'guard-failed': true,
  uncorroborated: true,
  'side-metric-worse': true,
  slower: true,
  'below-bar': true,
  undecided: true,
  'benchmark-failed': true,
  stale: true,
  cancelled: true,
  infrastructure: true,
};

/** Every event there is, once. */
export const allEvents: IterationEvent[] = [
  ...successes.map((type) => ({ type })),
  ...(Object.keys(setbacks) as Reason[]).map((type) => ({ type, detail: `because ${type}` })),
  { type: 'rolledBack' },
  { type: 'failed' },
  { type: 'alreadyCommitted' },
  { type: 'host-lost', detail: 'host lost', decided: false },
  { type: 'host-lost', detail: 'host lost', decided: true },
];

/** Every simple path of the machine with so many repairs and at most so many lost hosts, where the record comes out as the reason says. */
export function iterationPaths(repairs: number, lostHosts = 0): IterationPath[] {
  return getSimplePaths(iterationMachine, {
    input: { repairs },
    events: allEvents,
    filterEvents: (state, event) =>
      closesTruthfully(state, event) &&
      (event.type !== 'host-lost' || (state.context.lostHosts < lostHosts && losesTruthfully(state, event.decided))),
    toState: ({ status }) => status === 'done',
  }).map((path) => {
    // The first entry is the machine's own start, not an event of ours.
    const taken = path.steps.slice(1);
    const states = path.steps.map(({ state }) => state.value);
    return {
      repairs,
      events: taken.map(({ event }) => event),
      steps: states.slice(0, -1) as StepName[],
      final: path.state,
    };
  });
}

function closesTruthfully({ value, context }: IterationSnapshot, { type }: IterationEvent): boolean {
  if (value !== 'rollback' || type === 'host-lost') return true;
  return type === outcomeOf(context.reason) || (type === 'alreadyCommitted' && context.reason === 'infrastructure');
}

const judged: ReadonlySet<Reason | null> = new Set([
  'slower',
  'below-bar',
  'undecided',
  'uncorroborated',
  'side-metric-worse',
  'stale',
]);

/** A decision that had begun, or its evidence, is lost where there is one: of a benchmark there may be. */
export function losesTruthfully({ value, context }: IterationSnapshot, decided: boolean): boolean {
  if (value === 'benchmark') return true;
  return decided === (value === 'commit' || (value === 'rollback' && judged.has(context.reason)));
}
