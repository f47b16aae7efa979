import type { Steps } from '../../domain/steps.ts';
import { stepNames } from '../support/step-names.ts';

/** An activity of a loop, by its name. */
export type Step = keyof Steps;

/**
 * Who is killed. "group": the worker and every process of its group, as when a container is killed. "host": the same, for good. "stop": the worker
 * stands still for a while.
 */
export type Victim = 'worker' | 'group' | 'host' | 'server' | 'model' | 'all' | 'stop';

/** before, during and after an activity's work (its end not reported yet), and a moment after its end was reported. */
const phases = ['before', 'during', 'after', 'reported'] as const;

/**
 * Git commands that run in the person's repository ("fetch" includes the unpacking); all others run in the worker's
 * clone.
 */
export const inRepository: readonly string[] = ['fetch', 'update-ref'];

/**
 * Point of a kill. A phase;
 * "git <command> <moment>": before, after, late (the command outlives its worker), and for update-ref locked or torn
 * (git itself dies within its transaction); "pair <k>": a benchmark runs after k pairs; "answer": the model is
 * answering.
 */
export interface Point {
  step: Step;
  at: string;
}

/** One kill that is to strike once. */
export interface Kill extends Point {
  id: string;
  loopId: string;
  /** The first iteration in which it may strike; 0 for prepare and finish. */
  iteration: number;
  victim: Victim;
  /** For what strikes some time after. */
  delayMs: number;
}

const steps: readonly Step[] = ['prepare', ...stepNames, 'finish'];
const moments = ['before', 'after'] as const;
const ofGit = (step: Step, commands: readonly string[]): Point[] =>
  commands.flatMap((command) => moments.map((moment) => ({ step, at: `git ${command} ${moment}` })));

/** Every named point of every loop. */
export const commonPoints: readonly Point[] = [
  ...steps.flatMap((step) => phases.map((at): Point => ({ step, at }))),
  ...ofGit('prepare', ['fast-import', 'fetch', 'update-ref']),
  ...ofGit('apply', ['hash-object']),
  // The branch's commit, the ledger's, their way into the repository, and the refs of both.
  ...ofGit('commit', ['commit-tree', 'fast-import', 'fetch', 'update-ref']),
  ...ofGit('rollback', ['fast-import', 'fetch', 'update-ref']),
  ...ofGit('finish', ['fetch', 'update-ref']),
  { step: 'commit', at: 'git fetch late' },
  { step: 'commit', at: 'git update-ref late' },
  { step: 'rollback', at: 'git update-ref late' },
  { step: 'commit', at: 'git update-ref torn' },
  { step: 'commit', at: 'git update-ref locked' },
  { step: 'rollback', at: 'git update-ref locked' },
  { step: 'benchmark', at: 'pair 0' },
  { step: 'benchmark', at: 'pair 1' },
  { step: 'hypothesize', at: 'answer' },
];

/** Those of a loop whose metric varies, so that a decision has many pairs. */
export const pairPoints: readonly Point[] = [2, 5, 9].map((pairs) => ({ step: 'benchmark', at: `pair ${pairs}` }));

/** Those of a loop that continues as new every other iteration: the last step of an iteration has been reported, the next run begins. */
export const boundaryPoints: readonly Point[] = [
  { step: 'rollback', at: 'reported' },
  { step: 'collect', at: 'before' },
];

export function nameOf({ step, at }: Point): string {
  return `${step}: ${at}`;
}
