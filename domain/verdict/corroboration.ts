import { median, type Better, type Pair } from './decision.ts';
import type { MeasuredPair } from './pair.ts';
import { signedRankChance } from './signed-rank.ts';
import { unitKind } from './unit.ts';

/** Result of checking a claimed gain against the loop's own clock. */
export interface Corroboration {
  clock: 'cpu' | 'wall';
  /** seconds: saved times of a total, whose start-up cancels; log: log gains, start-up subtracted. */
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
  /** Must see the gain. "cpu" becomes "wall" where a run has no CPU time. */
  clock: 'cpu' | 'wall';
  unit: string;
  better: Better;
  startUp: StartUp;
}

/** Share of the claimed gain that the clock must see; the rest may be lost in its noise. */
const seenShare = 0.5;
/** Maximum chance that the clock shows the gain by its noise alone; simulated in the tests of this file. */
const maxChance = 0.02;
/** From this share of the clock's time on, a time metric counts as a total; below, as a mean or a part. */
export const totalShare = 0.2;
/** A gain that the clock alone must show for a metric that is a smaller part than that: log of 1/0.95. */
const ownBar = -Math.log(0.95);
/** Minimum share of a run that counts as work, in case its start-up was overestimated. */
const workShare = 0.02;

/**
 * Compares an accepted claim with the loop's own clock.
 * @returns null where the unit is neither a time nor a rate
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
  const totals = kind.kind === 'time' && better === 'lower' ? scaled(metrics, kind.ms) : null;
  const logs = inLogs(metrics, better, clocked, clock === 'cpu' ? startUp.cpuMs : startUp.wallMs);
  const compared = totals && isTotal(totals, clocked, logs) ? inSeconds(totals, clocked) : logs;
  const { claimed, seen } = compared;
  const chance = signedRankChance(clocked.map(logGain));
  const corroborated = claimed > 0 && seen >= seenShare * claimed && chance <= maxChance;
  return { clock, ...compared, chance, corroborated };
}

/** True by its size, or where the clock saw all of the claim and a gain at the bar. */
function isTotal(totals: readonly Pair[], clocked: readonly Pair[], logs: Comparison): boolean {
  const { claimed, seen } = inSeconds(totals, clocked);
  const ofChampion = (pairs: readonly Pair[]) => medianOf(pairs, ([champion]) => champion);
  return ofChampion(totals) >= totalShare * ofChampion(clocked) || (seen >= claimed && logs.seen >= ownBar);
}

type Comparison = Pick<Corroboration, 'form' | 'claimed' | 'seen' | 'startUpMs'>;

function inSeconds(totals: readonly Pair[], clocked: readonly Pair[]): Comparison {
  const saved = ([before, after]: Pair) => before - after;
  return { form: 'seconds', claimed: medianOf(totals, saved), seen: medianOf(clocked, saved), startUpMs: null };
}

function inLogs(metrics: readonly Pair[], better: Better, clocked: readonly Pair[], startUpMs: number): Comparison {
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
  const setting = clock === 'cpu' ? '"wall" if waiting is the point, or to "none"' : '"none"';
  return [
    `benchmark.clock: the metric claims ${figure(claimed)} saved, and the loop's own clock (${name} of the command)`,
    `saw ${figure(seen)} (chance without any gain: ${chance.toPrecision(2)}); let the benchmark do a fixed amount of work`,
    `and repeat it until it is most of the run, set benchmark.clock to ${setting} if no clock can see the metric`,
  ].join(' ');
}

function logGain([champion, candidate]: Pair): number {
  return Math.log(champion / candidate);
}

function scaled(pairs: readonly Pair[], factor: number): Pair[] {
  return pairs.map(([before, after]) => [before * factor, after * factor]);
}

function medianOf(pairs: readonly Pair[], value: (pair: Pair) => number): number {
  return median(pairs.map(value));
}
