import { defaultPatience } from '../verdict/decision.ts';
import { maxSamples, type Effort, type Plan, type Source } from './plan.ts';
import { toLine, type CleanLine } from '../text.ts';

/** Seconds that the parts of an iteration take, as `prepare` knows or estimates it. */
export interface Costs {
  /** One answer; null where nobody can tell, as of a command. */
  answer: number | null;
  build: number;
  tests: number;
  /** One run of the benchmark. */
  run: number;
}

/** Pairs of a candidate that is screened where the metric varies. */
export const screeningPairs = 3;

/**
 * Mean runs of a decision, and the share of the gain that it keeps, by its patience: simulated on
 * recorded clocks.
 */
const levels = [
  { patience: defaultPatience, runs: 14.5, kept: 0.99 },
  { patience: 0.1, runs: 11.8, kept: 0.98 },
  { patience: 0.2, runs: 10, kept: 0.97 },
  { patience: 0.3, runs: 8, kept: 0.95 },
];

/** Takes the level that keeps most gain a second. An answer of unknown cost is a dear one. */
export function choosePatience({ answer, build, tests, run }: Costs): number {
  const before = answer === null ? Infinity : answer + build + tests;
  const worth = ({ runs, kept }: (typeof levels)[number]) =>
    before === Infinity ? kept : kept / (before + runs * run);
  return levels.reduce((best, next) => (worth(next) > worth(best) ? next : best)).patience;
}

/** Draws as many as take about the time of one verdict: what is screened out then costs no more than what it saves. */
export function chooseSamples({ answer, build, tests, run }: Costs): number {
  if (answer === null) return 1;
  const verdict = tests + levels[0]!.runs * run;
  const screened = answer + build + tests + 2 * screeningPairs * run;
  return Math.max(1, Math.min(maxSamples, Math.round((2 * verdict) / screened)));
}

export function samplesOf({ config, effort }: Pick<Plan, 'config' | 'effort'>): number {
  return config.hypothesis.samples ?? effort?.samples ?? 1;
}

/** Repairs of an iteration: a value that failed is not mended, another one is tried. */
export function repairsOf({ config, source }: Pick<Plan, 'config' | 'source'>): number {
  return source.kind === 'tune' ? 0 : config.hypothesis.repairs;
}

/** Says what an iteration spends, and why: for the loop's first line. */
export function effortText(
  effort: Effort,
  { fixed, costs, isExact }: { fixed: Partial<Record<keyof Effort, unknown>>; costs: Costs; isExact: boolean },
): CleanLine {
  const seconds = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
  const { answer, build, tests, run } = costs;
  const before =
    answer === null ? 'a hypothesis of unknown cost' : `a hypothesis of ${seconds(answer + build + tests)}`;
  const why = (field: keyof Effort) =>
    fixed[field] === undefined ? `chosen by ${before} against runs of ${seconds(run)}` : 'as configured';
  const answers = effort.samples === 1 ? 'one answer' : `${effort.samples} answers, of which one gets a verdict,`;
  const patience = isExact ? '' : `; patience ${effort.patience} (${why('patience')})`;
  return toLine(`${answers} an iteration (${why('samples')})${patience}`, 400);
}

/** Tokens of a usual question and answer. */
const usual = { read: 1_000, write: 350, choice: 30 };
/** Seconds of an answer where no speed is known. */
const unmeasured = 20;

/** Estimates the time of one answer, in seconds; null for a command, of which nothing is known. */
export function answerTime({ kind, form, speed }: Source): number | null {
  if (kind === 'command') return null;
  if (kind === 'tune') return 0;
  if (!speed) return unmeasured;
  return usual.read / speed.read + (form === 'choice' ? usual.choice : usual.write) / speed.write;
}
