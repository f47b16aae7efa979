import { differenceOf, median } from '../../verdict/decision.ts';
import type { GainTerms } from '../../verdict/gain.ts';
import { toLine, type CleanLine } from '../../text.ts';
import type { Evidence, IterationRecord, Outcome, Reason } from '../record.ts';
import type { Report } from '../report.ts';

/** How far a loop came, in the metric's unit. */
export interface Progress {
  unit: CleanLine;
  better: GainTerms['better'];
  /** Median of the base's metric in the first pairs that were measured. */
  base: number;
  /** The champion's estimated metric from the end of each iteration that changed it; first the base's, at 0. */
  steps: { iteration: number; level: number }[];
  attempts: Attempt[];
  /** Base against champion, measured afresh, from `base` on; null where that was not measured. */
  measured: Level | null;
}

/** One iteration, with where its candidate came to. */
export interface Attempt {
  iteration: number;
  outcome: Outcome;
  reason: Reason | null;
  title: CleanLine;
  /** Null where nothing was measured. */
  level: Level | null;
}

/** An estimate of the metric, and its interval. */
interface Level {
  at: number;
  low: number;
  high: number;
}

/**
 * Follows the champion's metric by the gain that each commit tells, and puts each attempt where its own pairs do.
 * @returns null where no pair was measured
 */
export function progressOf(
  { records, headToHead }: Pick<Report, 'records' | 'headToHead'>,
  evidence: ReadonlyMap<number, Evidence>,
  baseSha: string | null,
): Progress | null {
  const first = records.map(({ iteration }) => evidence.get(iteration)).find((one) => one && one.pairs.length > 0);
  if (!first) return null;
  const base = median(first.pairs.map(({ pair }) => pair[0]));
  const byCommit = new Map<string, number>(baseSha === null ? [] : [[baseSha, base]]);
  const byTree = new Map<string, number>();
  const steps = [{ iteration: 0, level: base }];
  const attempts = records.map((record): Attempt => {
    const { iteration, outcome, reason, champion, candidate, verdict, hypothesis } = record;
    const from = byCommit.get(champion) ?? steps.at(-1)!.level;
    const level = verdict && levelOf(from, verdict.reported, verdict);
    if (candidate?.commit) {
      // Where a failing champion was left, the tree is an earlier one's.
      const next = level?.at ?? byTree.get(candidate.tree) ?? base;
      byCommit.set(candidate.commit, next);
      byTree.set(candidate.tree, next);
      steps.push({ iteration, level: next });
    }
    return { iteration, outcome, reason, title: hypothesis?.title ?? toLine(''), level };
  });
  const measured = headToHead && levelOf(base, headToHead, headToHead);
  return { unit: toLine(first.unit, 32), better: first.policy.better, base, steps, attempts, measured };
}

/** Turns a ratio and its interval into values of the metric, seen from `from`; null where there is none. @internal */
export function levelOf(
  from: number,
  { ratio, interval }: Pick<NonNullable<IterationRecord['verdict']>['reported'], 'ratio' | 'interval'>,
  terms: GainTerms,
): Level | null {
  const [at, one, other] = [ratio, ...interval].map((each) => valueOf(from, each, terms)) as [number, number, number];
  if (!Number.isFinite(at)) return null;
  return { at, low: Math.min(one, other), high: Math.max(one, other) };
}

/** Undoes `toSample`: of negative numbers the sizes were compared. */
function valueOf(from: number, ratio: number, { better, minDifference }: GainTerms): number {
  if (minDifference !== undefined) {
    const difference = differenceOf(ratio, minDifference);
    return better === 'lower' ? from + difference : from - difference;
  }
  return (better === 'lower') === from > 0 ? from * ratio : from / ratio;
}
