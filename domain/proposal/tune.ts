import type { IterationRecord, Reason } from '../ledger/record.ts';
import type { Screened } from '../ledger/screened.ts';
import { createCoin } from '../verdict/decision.ts';
import { hasWord } from '../source/function.ts';
import type { BriefedCode } from './brief.ts';
import { toHypothesis, type Choice } from './choices.ts';
import type { Hypothesis } from './hypothesis.ts';

/** A value that was tried in place of another. */
export interface Trial {
  file: string;
  constant: string;
  from: number;
  to: number;
  /** Log of its ratio to `from`: below 0 is a gain. Infinity: it failed. Null: nothing was seen of it. */
  cost: number | null;
}

/** First step, as a factor; the power by which each further one in a direction grows. */
const [firstStep, growth] = [4, 1.5];
/** Neighbours nearer than this factor are not told apart; nor beside one that failed. */
const [finest, finestAtFailure] = [1.2, 2];
/** Logs of ratios this near are the same, as far as few pairs show. */
const flat = 0.02;
/** A value stays within this factor of the first one. */
const reach = 1_000;
/** Gain expected of a constant of which nothing is known, and of one that showed no effect, as logs. */
const [unknown, hardly] = [0.05, 0.005];

// Steps grow while they gain, until both neighbours of the best value are worse; then the wider gap is halved.

/**
 * Searches constants one after the other on a logarithmic scale (Hooke and Jeeves, J. ACM 8, 1961).
 * @param trials in order; `sinceChampion` counts once nothing else is left
 * @returns the most promising first; empty: nothing is left
 */
export function tune(
  choices: readonly Choice[],
  { trials, sinceChampion }: { trials: readonly Trial[]; sinceChampion: readonly Trial[] },
  { seed, count }: { seed: number; count: number },
): Hypothesis[] {
  const coin = createCoin(seed);
  const turns = choices.map((choice) => {
    const first = trials.find(isOf(choice))?.from ?? choice.present;
    return { choice, first, turn: coin() };
  });
  const isTried = (choice: Choice, value: number) =>
    sinceChampion.some((trial) => isOf(choice)(trial) && trial.to === value);
  for (const known of [trials, sinceChampion]) {
    const ideas = turns
      .flatMap(({ turn, ...one }) => ideasFor(one, known.filter(isOf(one.choice))).map((idea) => ({ ...idea, turn })))
      .filter(({ choice, value }) => !isTried(choice, value))
      .sort((a, b) => b.promise - a.promise || a.turn - b.turn);
    if (ideas.length > 0) return ideas.slice(0, count).map(({ choice, value }) => toHypothesis(choice, value));
  }
  return [];
}

interface Idea {
  choice: Choice;
  value: number;
  /** Log of the gain that may be expected. */
  promise: number;
}

/** A value that was seen, by the log of its cost against the first one's. */
interface Point {
  value: number;
  score: number;
}

/** @param first value before anything was tried */
function ideasFor({ choice, first }: { choice: Choice; first: number }, trials: readonly Trial[]): Idea[] {
  const scores = scoresOf(choice.present, trials);
  const points = [...scores].map(([value, score]) => ({ value, score })).sort((a, b) => a.value - b.value);
  const at = points.reduce((best, { score }, index) => (score < points[best]!.score ? index : best), 0);
  const best = points[at]!;
  const idea = (factor: number, promise: number): Idea[] => {
    const value = rounded(best.value * factor, choice.present, scores);
    const isInReach = value >= first / reach && value <= first * reach;
    return isInReach && !scores.has(value) && isPlain(value) ? [{ choice, value, promise }] : [];
  };
  const neighbours = [points[at - 1], points[at + 1]].filter((point) => point !== undefined);
  const [known, other] = neighbours;
  if (!known) return [...idea(firstStep, unknown), ...idea(1 / firstStep, unknown)];
  const rise = ({ score }: Point) => (score === Infinity ? unknown : score - best.score);
  if (!other) {
    const gap = known.value / best.value;
    const step = Math.max(firstStep, Math.max(gap, 1 / gap) ** growth);
    const promise = rise(known) < flat ? hardly : best.value === first ? unknown : rise(known);
    const further = idea(gap < 1 ? step : 1 / step, promise);
    if (further.length > 0) return further;
  }
  if (neighbours.every((point) => rise(point) < flat)) return [];
  const promise = Math.min(...neighbours.map(rise)) / 4;
  const gaps = neighbours.map(({ value, score }) => ({ factor: value / best.value, score }));
  return gaps
    .filter(({ factor, score }) => widthOf(factor) > (score === Infinity ? finestAtFailure : finest ** 2))
    .sort((a, b) => widthOf(b.factor) - widthOf(a.factor))
    .flatMap(({ factor }) => idea(Math.sqrt(factor), promise))
    .slice(0, 1);
}

function widthOf(factor: number): number {
  return Math.max(factor, 1 / factor);
}

/** Scores of the values of one constant, beside each other by the chain of what each was tried in place of. */
function scoresOf(present: number, trials: readonly Trial[]): Map<number, number> {
  let scores = new Map<number, number>();
  for (const { from, to, cost } of trials) {
    // Somebody else's change has set another value.
    if (!scores.has(from)) scores = new Map([[from, 0]]);
    if (cost !== null) scores.set(to, scores.get(from)! + cost);
  }
  return scores.has(present) ? scores : new Map([[present, 0]]);
}

function isOf({ file, constant }: Choice): (trial: Trial) => boolean {
  return (trial) => trial.file === file && trial.constant === constant;
}

/** Keeps a whole number whole, and a power of two one as long as there is another: masks and shifts may need it. */
function rounded(value: number, like: number, known: ReadonlyMap<number, number>): number {
  if (!Number.isInteger(like)) return Number(value.toPrecision(3));
  const power = 2 ** Math.max(0, Math.round(Math.log2(value)));
  return Number.isInteger(Math.log2(like)) && !known.has(power) ? power : Math.max(1, Math.round(value));
}

/** Tells if a number is written without an exponent, so that it is found again as a constant. */
function isPlain(value: number): boolean {
  return value > 0 && /^[0-9.]+$/.test(String(value));
}

/** Reads from records which values were tried, and what came of it. A screening's few pairs count too. */
export function trialsOf(records: readonly Tried[]): Trial[] {
  return records.flatMap(({ hypothesis, reason, verdict, screened = [] }) => [
    ...screened.flatMap(({ title, where, ratio }) => toTrial(title, where, ratio)),
    ...(hypothesis && !(reason && isNobodysFault.has(reason))
      ? toTrial(hypothesis.title, reason, verdict?.reported.ratio)
      : []),
  ]);
}

export type Tried = Pick<IterationRecord, 'hypothesis' | 'reason' | 'verdict' | 'screened'>;

const isNobodysFault: ReadonlySet<string> = new Set<Reason>([
  'infrastructure',
  'cancelled',
  'stale',
  'champion-failed',
]);
/** Ends before anything ran: they say nothing of the value. */
const withoutRun: ReadonlySet<string | null> = new Set<Reason | Screened['where']>([
  'duplicate',
  'edit-refused',
  'edit',
]);

/** Reads a title by the words of `toHypothesis`. */
function toTrial(title: string, end: string | null, ratio: number | undefined): Trial[] {
  const [, constant, file, to, from] = /^Set (\S+) in (.+) to (\S+) \(was (\S+)\)$/.exec(title) ?? [];
  if (!constant || !file || !(Number(to) > 0) || !(Number(from) > 0)) return [];
  const failed = withoutRun.has(end) ? null : Infinity;
  const cost = ratio === undefined ? failed : Math.log(Math.max(ratio, 1e-9));
  return [{ file, constant, from: Number(from), to: Number(to), cost }];
}

/** Leaves the constants that hot code uses, or what it calls or is called by; without a profile all of them. */
export function tunable(
  choices: readonly Choice[],
  hot: readonly Pick<BriefedCode, 'code' | 'share' | 'callers' | 'callees' | 'constants'>[],
): Choice[] {
  const profiled = hot.filter(({ share }) => share !== null);
  if (profiled.length === 0) return [...choices];
  const texts = profiled.flatMap(({ code, callers, callees, constants }) => [
    code,
    ...[...callers, ...callees].map((one) => one.code),
    ...constants,
  ]);
  return choices.filter(({ constant }) => texts.some((text) => hasWord(text, constant)));
}
