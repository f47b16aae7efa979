import { median, type Better, type Pair } from './decision.ts';
import type { MeasuredPair } from './pair.ts';
import { signedRankChance } from './signed-rank.ts';
import { unitKind } from './unit.ts';

/** Whether the loop's own clock saw what the benchmark claims. */
export interface Corroboration {
  clock: 'cpu' | 'wall';
  /**
   * seconds: the metric is a total time, so what it saves must be saved by the clock, and start-up cancels.
   * log: the log gain of the process time minus the start-up is compared.
   */
  form: 'seconds' | 'log';
  /** Median of what the metric claims per pair: ms saved, or log gain. */
  claimed: number;
  /** Median of what the clock saw, in the same measure. */
  seen: number;
  /** One-sided chance that the clock shows this much without any gain (signed-rank test over all pairs). */
  chance: number;
  /** Time of the command's start-up that was subtracted, in ms; null in the form "seconds". */
  startUpMs: number | null;
  corroborated: boolean;
}

/** CPU and wall time of a command that has nothing to do, in ms. */
export interface StartUp {
  cpuMs: number;
  wallMs: number;
}

export interface ClockTerms {
  /** Which of the loop's own clocks must see the gain. "cpu" becomes "wall" where a run has no CPU time. */
  clock: 'cpu' | 'wall';
  unit: string;
  better: Better;
  startUp: StartUp;
}

/** Share of the claimed gain that the clock must see: the rest may be lost in its noise, and what is half untrue is not true. */
const seenShare = 0.5;
/**
 * Half of a small claim lies within a clock's noise: this bounds the chance that a clock without any gain shows it all the same. Not 0.05: a metric that
 * shares the clock's noise is accepted where that noise is kind, which makes the chance about 2.5 times as large for a claim of 6 %.
 * By simulation (pair spread 0.08, metric at least half of the process' time; test/domain/verdict/corroboration.test.ts) a patched clock gets a claim of 6 %
 * through in at most 3 %, of 10 % in 0.5 %, of 20 % never; honest gains of 10 % pass in 99.6 %, of 20 % always.
 */
const maxChance = 0.02;
/** From this share of the clock's time on, a metric in a unit of time is taken as a total; below it, as a mean over repeats or a part of the run. */
export const totalShare = 0.2;
/** A gain that the clock alone must show for a metric that is a smaller part than that: log of 1/0.95. */
const ownBar = -Math.log(0.95);
/** What is left of a run after its start-up is at least this share of the run: a start-up that was overestimated must not make a ratio of nothing. */
const workShare = 0.02;

/**
 * Holds the claim of accepted pairs (those that decided, and the fresh ones) against the loop's own clock.
 * @returns null where no clock can see the metric: its unit is neither a time nor a rate
 */
export function corroborate(
  pairs: readonly MeasuredPair[],
  { clock: asked, unit, better, startUp }: ClockTerms,
): Corroboration | null {
  const kind = unitKind(unit);
  if (kind.kind === 'other' || pairs.length === 0) return null;
  const clock = asked === 'cpu' && pairs.every(({ cpuMs }) => cpuMs.every((ms) => ms > 0)) ? 'cpu' : 'wall';
  const clocked = pairs.map((pair) => (clock === 'cpu' ? pair.cpuMs : pair.wallMs));
  const metrics = pairs.map(({ pair }) => pair);
  const totals = kind.kind === 'time' && better === 'lower' ? metrics.map((pair) => scaled(pair, kind.ms)) : null;
  const logs = inLogs(metrics, better, clocked, clock === 'cpu' ? startUp.cpuMs : startUp.wallMs);
  const compared = totals && isTotal(totals, clocked, logs) ? inSeconds(totals, clocked) : logs;
  const { claimed, seen } = compared;
  const chance = signedRankChance(clocked.map(logGain));
  return {
    clock,
    ...compared,
    chance,
    corroborated: claimed > 0 && seen >= seenShare * claimed && chance <= maxChance,
  };
}

/** By its size; or because the clock saw all of the claim and, by itself, a gain at the bar: a small part of the run, truly made faster. */
function isTotal(totals: readonly Pair[], clocked: readonly Pair[], logs: Compared): boolean {
  const { claimed, seen } = inSeconds(totals, clocked);
  return (
    medianOf(totals, champion) >= totalShare * medianOf(clocked, champion) || (seen >= claimed && logs.seen >= ownBar)
  );
}

type Compared = Pick<Corroboration, 'form' | 'claimed' | 'seen' | 'startUpMs'>;

function inSeconds(totals: readonly Pair[], clocked: readonly Pair[]): Compared {
  const saved = ([before, after]: Pair) => before - after;
  return { form: 'seconds', claimed: medianOf(totals, saved), seen: medianOf(clocked, saved), startUpMs: null };
}

function inLogs(metrics: readonly Pair[], better: Better, clocked: readonly Pair[], startUpMs: number): Compared {
  const worked = (ms: number) => Math.max(ms - startUpMs, ms * workShare);
  return {
    form: 'log',
    claimed: medianOf(metrics, ([before, after]) => logGain(better === 'lower' ? [before, after] : [after, before])),
    seen: medianOf(clocked, ([before, after]) => logGain([worked(before), worked(after)])),
    startUpMs,
  };
}

/** One line for people on a gain that the clock did not see: both figures, the clock, and what may be done. */
export function uncorroboratedDetail({ clock, form, claimed, seen, chance }: Corroboration): string {
  const figure = (value: number) =>
    form === 'seconds'
      ? `${value.toFixed(value < 10 ? 2 : 0)} ms a run`
      : `${((1 - Math.exp(-value)) * 100).toFixed(1)} %`;
  const name = clock === 'cpu' ? 'CPU time' : 'wall time';
  const remedy =
    clock === 'cpu'
      ? 'set benchmark.clock to "wall" if waiting is the point, or to "none" if'
      : 'set benchmark.clock to "none" if';
  return `benchmark.clock: the metric claims ${figure(claimed)} saved, and the loop's own clock (${name} of the command) saw ${figure(seen)} (chance without any gain: ${chance.toPrecision(2)}); let the benchmark do a fixed amount of work and repeat it until it is most of the run, ${remedy} no clock can see the metric`;
}

function logGain([champion, candidate]: Pair): number {
  return Math.log(champion / candidate);
}

function champion([value]: Pair): number {
  return value;
}

function scaled([before, after]: Pair, factor: number): Pair {
  return [before * factor, after * factor];
}

function medianOf(pairs: readonly Pair[], value: (pair: Pair) => number): number {
  return median(pairs.map(value));
}
