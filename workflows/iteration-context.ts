import type { RecordedVerdict } from '../domain/verdict/decision.ts';
import type { Reason } from '../domain/ledger/record.ts';
import type { Screened } from '../domain/ledger/screened.ts';
import type { Hypothesis } from '../domain/proposal/hypothesis.ts';
import type { Spent } from '../domain/ledger/spent.ts';
import type { CollectAnswer, Hotspot } from '../domain/steps.ts';

/** Outputs of the steps: events carry them, and the context keeps the latest under the same names. */
interface Outputs {
  /** Names the worker that holds the iteration's files; null before it collected, and after it is lost. */
  collected: CollectAnswer | null;
  hotspots: Hotspot[];
  /** Kept when a host is lost: it is not asked or paid for again. */
  hypothesis: Hypothesis | null;
  /** Hypotheses that are to be screened, kept likewise; empty once one of them goes on. */
  candidates: Hypothesis[];
  tree: string | null;
  verdict: RecordedVerdict | null;
  /** The champion after this iteration, where it or somebody else moved it. */
  champion: string | null;
  /** Answers without a verdict, all of the iteration's. */
  screened: Screened[];
  /** Set once the source has nothing left to try. */
  isLast: boolean;
  /** The latest setback's explanation. */
  detail: string;
  /** The reason in the record, which may be that of an earlier attempt to write it. */
  recorded: Reason | null;
  /** Explains the latest loss of a host. */
  lost: string | null;
  /** A fault that lasts, in the step that failed last. */
  fault: string | null;
}

export interface IterationContext extends Outputs {
  /** Repairs allowed: how often a failed edit, build or test goes back to `hypothesize`. */
  repairs: number;
  /** Hypotheses asked for; all but the first are repairs. */
  attempts: number;
  /** The latest setback. */
  reason: Reason | null;
  tokens: number;
  /** Working time of the steps. */
  seconds: number;
  spent: Spent;
  lostHosts: number;
  /** Decisions that had begun on lost hosts. They are spent: repeating them would raise the false-accept rate. */
  lostDecisions: number;
}

type Outcome<Type extends string, Output extends keyof Outputs = never> = Required<Pick<Outputs, Output>> &
  Partial<Outputs> & { type: Type; tokens?: number; seconds?: number; spent?: Spent; decided?: boolean };

/** The outcome of a step. One that stops or sends back the iteration bears its reason's name, as in the ledger. */
export type IterationEvent =
  | Outcome<'collected', 'collected'>
  | Outcome<'analyzed', 'hotspots'>
  | Outcome<'proposed', 'hypothesis'>
  | Outcome<'drawn', 'candidates'>
  | Outcome<'chosen', 'hypothesis'>
  | Outcome<'applied', 'tree'>
  | Outcome<'passed'>
  | Outcome<'accepted', 'verdict'>
  | Outcome<'withstood'>
  | Outcome<'committed', 'champion'>
  | Outcome<Reason, 'detail'>
  // Outcomes of the record that the rollback writes; `alreadyCommitted`: it was there, and it is a commit.
  | Outcome<'rolledBack' | 'failed', 'recorded'>
  | Outcome<'alreadyCommitted'>
  // No step runs any more on the worker that holds the files. `decided`: a verdict had begun there, or was there.
  | (Outcome<'host-lost', 'lost'> & { decided: boolean });

export const nothingKnown: IterationContext = {
  repairs: 0,
  attempts: 0,
  collected: null,
  hotspots: [],
  hypothesis: null,
  candidates: [],
  screened: [],
  isLast: false,
  tree: null,
  verdict: null,
  champion: null,
  reason: null,
  detail: '',
  recorded: null,
  tokens: 0,
  seconds: 0,
  spent: { model: 0, benchmark: 0, waiting: 0 },
  lost: null,
  fault: null,
  lostHosts: 0,
  lostDecisions: 0,
};

/** @param more absent in what began before it was counted */
export function sumOf(spent: Spent, more: Spent = nothingKnown.spent): Spent {
  const { model, benchmark, waiting } = spent;
  return { model: model + more.model, benchmark: benchmark + more.benchmark, waiting: waiting + more.waiting };
}
