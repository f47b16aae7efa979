import type { Outcome, Reason } from '../../domain/ledger/record.ts';
import type { IterationResult } from '../../domain/steps.ts';
import type { LoopResult } from '../../workflows/messages.ts';

/** What happens in a loop, in order: the screen is drawn from it, and --json prints it, one event a line. */
export type LoopEvent = StartedEvent | PreparedEvent | StepEvent | IterationEvent | EndedEvent;

/** The loop is on a server, and a worker of this process, or another, works for it. */
export interface StartedEvent {
  type: 'started';
  loopId: string;
  /** It was open already, and goes on where it was. */
  continued: boolean;
  /** Id of the loop of the same config that ended before this one. */
  after: string | null;
  address: string;
  namespace: string;
  /** The loop's page in the Temporal UI, where that is known. */
  ui: string | null;
  /** Task queue of the worker that works for it. */
  queue: string;
  /** Data directory of that worker. */
  data: string;
  /** True for what was started for this loop: it ends with this process, unless a daemon keeps it. */
  startedServer: boolean;
  startedWorker: boolean;
  keptByDaemon: boolean;
}

/** The base passes its tests, and its benchmark was measured. */
interface PreparedEvent {
  type: 'prepared';
  facts: string[];
  /** Doubts about the benchmark. */
  notes: string[];
}

/** Another step is under way, or the same one says something new of what it does. */
export interface StepEvent {
  type: 'step';
  /** 0 before the first one. */
  iteration: number;
  iterations: number;
  /** A step of the iteration, or the loop's phase between two. */
  step: string;
  /** The hypothesis' title. */
  title: string | null;
  /** Why the model is asked to repair its hypothesis; null in every other step. */
  repairOf: Reason | null;
  /** For people: "pair 7 of at most 60, 45 % of the way to accept". */
  doing: string | null;
  /** Tells that a host was lost, and where the iteration goes on. */
  hostLost: string | null;
}

/** An iteration has ended. */
export interface IterationEvent {
  type: 'iteration';
  iteration: number;
  iterations: number;
  outcome: Outcome;
  /** Null for one that was committed. */
  reason: Reason | null;
  title: string;
  /** Why it was not committed: the first line. */
  detail: string | null;
  /** The gain with its interval, in words, where it was measured. */
  measured: string | null;
  /** Answers without a verdict: how far each came, and the seconds that it took. */
  screened?: NonNullable<IterationResult['screened']>;
}

interface EndedEvent {
  type: 'ended';
  result: LoopResult;
}
