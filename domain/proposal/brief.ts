import type { Choice } from './choices.ts';
import type { IterationRecord } from '../ledger/record.ts';
import type { HypothesizeInput, Hotspot } from '../steps.ts';
import type { DecisionPolicy } from '../verdict/decision.ts';

/** All that whoever proposes a hypothesis is told. Command sources get it as JSON on standard input. */
export interface Brief {
  version: 1;
  loopId: string;
  iteration: number;
  /** A seed of this iteration and attempt. */
  seed: number;
  goal: Pick<DecisionPolicy, 'better' | 'minImprovement' | 'minDifference'> & {
    unit: string;
    benchmark: string;
    test: string;
  };
  /** The champion's metric, one run. */
  metric: number;
  hotspots: Hotspot[];
  /** Editable files, hottest first, as many as fit. */
  files: { path: string; content: string }[];
  /** Named numbers that may be set to another value. */
  choices: Choice[];
  /** Past iterations, the newest last, at most 20. */
  history: PastIteration[];
  /** The hypothesis that failed just before, to be repaired; else null. */
  previous: HypothesizeInput['previous'];
}

export interface PastIteration {
  iteration: number;
  title: string;
  outcome: string;
  /** The told gain in the sense of `Decision.estimate`: below 1 is better; null where nothing was measured. */
  ratio: number | null;
}

export function pastIteration(
  record: Pick<IterationRecord, 'iteration' | 'outcome' | 'reason' | 'hypothesis' | 'verdict'>,
): PastIteration {
  return {
    iteration: record.iteration,
    title: record.hypothesis?.title ?? '(no hypothesis)',
    outcome: record.reason ?? record.outcome,
    ratio: record.verdict ? Number(record.verdict.reported.ratio.toPrecision(6)) : null,
  };
}
