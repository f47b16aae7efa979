import type { RecordedVerdict } from '../../../domain/verdict/decision.ts';
import { getSimplePaths } from 'xstate/graph';
import { outcomeOf, type Reason } from '../../../domain/ledger/record.ts';
import type { StepName } from '../../../domain/steps.ts';
import { line } from '../../../domain/text.ts';
import type { IterationEvent } from '../../../workflows/iteration-context.ts';
import { iterationMachine, type IterationSnapshot } from '../../../workflows/machine.ts';

/** One way through the machine, from its beginning to a final state. */
export interface IterationPath {
  repairs: number;
  /** One event for each step. */
  events: IterationEvent[];
  steps: StepName[];
  final: IterationSnapshot;
}

const verdict = { verdict: 'rejected', estimate: 1.1 } as RecordedVerdict;
const successes: IterationEvent[] = [
  { type: 'collected', collected: { queue: 'host', profile: null, metric: 100 } },
  { type: 'analyzed', hotspots: [] },
  { type: 'proposed', hypothesis: { title: line`Idea`, edits: [] } },
  { type: 'drawn', hypothesis: null, candidates: [{ title: line`Idea`, edits: [] }] },
  { type: 'chosen', hypothesis: { title: line`Idea`, edits: [] } },
  { type: 'applied', tree: 'tree' },
  { type: 'passed' },
  { type: 'accepted', verdict },
  { type: 'withstood' },
  { type: 'committed', champion: 'commit' },
];
/** What each setback carries: as an object, so that the compiler misses a reason that is not here. */
const setbacks: Record<Reason, { verdict?: RecordedVerdict; champion?: string }> = {
  'no-hypothesis': {},
  'edit-refused': {},
  'champion-failed': {},
  duplicate: {},
  'build-failed': {},
  'tests-failed': {},
  'guard-failed': {},
  'behaviour-changed': {},
  'tests-blind': {},
  uncorroborated: { verdict },
  'side-metric-worse': { verdict },
  'side-metric-unknown': { verdict },
  slower: { verdict },
  'below-bar': { verdict },
  undecided: { verdict },
  'benchmark-failed': {},
  stale: { champion: 'commit-elsewhere' },
  cancelled: {},
  infrastructure: {},
};

/** Every event there is, once. */
export const allEvents: IterationEvent[] = [
  ...successes,
  ...(Object.keys(setbacks) as Reason[]).map((type) => ({ type, detail: `because ${type}`, ...setbacks[type] })),
  { type: 'rolledBack', recorded: 'undecided' },
  { type: 'failed', recorded: 'infrastructure' },
  { type: 'alreadyCommitted' },
  { type: 'host-lost', lost: 'host lost', decided: false },
  { type: 'host-lost', lost: 'host lost', decided: true },
];

/**
 * Every simple path of the machine with so many repairs and at most so many lost hosts, where the record comes out as
 * the reason says. A repair is one answer; `isScreened`: the first question brings several.
 */
export function iterationPaths(repairs: number, lostHosts = 0, isScreened = false): IterationPath[] {
  return getSimplePaths(iterationMachine, {
    input: { repairs },
    events: allEvents,
    filterEvents: (state, event) =>
      closesTruthfully(state, event) &&
      (!['drawn', 'proposed'].includes(event.type) || (event.type === 'drawn') === drawsSeveral(state, isScreened)) &&
      (event.type !== 'host-lost' || (state.context.lostHosts < lostHosts && losesTruthfully(state, event.decided))),
    toState: ({ status }) => status === 'done',
    serializeState,
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

const serialized = new WeakMap<IterationSnapshot, string>();
/** Keeps the text, since the search asks for it again and again. */
function serializeState(snapshot: IterationSnapshot): string {
  const text = serialized.get(snapshot) ?? JSON.stringify([snapshot.value, snapshot.context]);
  serialized.set(snapshot, text);
  return text;
}

/** The one rule by which `hypothesize` answers with several. */
export function drawsSeveral({ context }: IterationSnapshot, isScreened: boolean): boolean {
  return isScreened && context.attempts === 1;
}

function closesTruthfully({ value, context }: IterationSnapshot, { type }: IterationEvent): boolean {
  if (value !== 'rollback' || type === 'host-lost') return true;
  return type === outcomeOf(context.reason) || (type === 'alreadyCommitted' && context.reason === 'infrastructure');
}

/** A decision that had begun, or its evidence, is lost where there is one: of a benchmark there may be. */
export function losesTruthfully({ value, context }: IterationSnapshot, decided: boolean): boolean {
  if (value === 'benchmark') return true;
  return decided === (context.verdict !== null);
}
