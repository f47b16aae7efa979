import {
  clipScale,
  leastOf,
  median,
  samplesOf,
  showsLoss,
  toRatio,
  type Better,
  type DecisionPolicy,
  type Pair,
} from './decision.ts';
import { gain } from './gain.ts';
import type { MeasuredPair } from './pair.ts';
import { unitKind } from './reading/unit.ts';

/** CPU and wall time of a command that has nothing to do, in ms. */
export interface StartUp {
  cpuMs: number;
  wallMs: number;
  /** Set where no control group counts CPU time, so that a process may hide some: wall time must show a gain too. */
  isEvadable?: boolean;
}

/** How the loop's own clock is asked for what the metric claims. */
export interface ClockTerms {
  /** Must see the gain. "cpu" becomes "wall" where a run has no CPU time, or the metric is longer than it. */
  clock: 'cpu' | 'wall';
  unit: string;
  better: Better;
  startUp: StartUp;
}

/** What metric and clock saw in the same pairs, as median ratios in the sense of `Decision.estimate`. */
export interface Corroboration extends ClockTerms {
  claimed: number;
  seen: number;
  /** Set where the pairs show that the clock saw less than the metric claims. */
  isLess: boolean;
  /** Set where `seen` is by wall time, which was asked beside CPU time that may be hidden. */
  isByWall?: true;
}

/** Above this share of the clock's time after start-up a time metric is a total: no two repeats of it fit in. */
export const totalShare = 0.5;
/** Minimum share of a run that counts as work, in case its start-up was overestimated. */
const workShare = 0.02;
/** Share of the champion's time that can be seen as saved at most. */
const maxSaved = 1 - 1e-9;

/** True where a clock can see a gain of the metric: it is a time or a rate, or has no unit. */
export function isClocked(unit: string): boolean {
  return unitKind(unit).kind !== 'other';
}

/** The metric's log ratios, and those of each clock that is asked: all must show the gain. */
export function viewsOf(pairs: readonly MeasuredPair[], policy: DecisionPolicy, clock: ClockTerms | null): number[][] {
  const metric = samplesOf(
    pairs.map(({ pair }) => pair),
    policy,
  );
  if (!clock) return [metric];
  const isHidden = clock.clock === 'cpu' && clock.startUp.isEvadable === true;
  const asked = isHidden ? [clock, { ...clock, clock: 'wall' as const }] : [clock];
  return [metric, ...asked.map((each) => clockView(pairs, each))];
}

function clockView(pairs: readonly MeasuredPair[], clock: ClockTerms): number[] {
  const metricMs = metricTime(clock);
  // By its own numbers a pair would take the champion's bad luck for a gain, or what a champion prints of it.
  const forms = pairs.map((_pair, index) => formOf(pairs.slice(0, Math.max(1, index)), clock, metricMs));
  return pairs.map((pair, index) => clockSample(pair, forms[index]!));
}

/** How the clock shows a gain. */
interface ClockForm {
  isWall: boolean;
  /** The metric in ms where it is a total time, else null. */
  totalMs: number | null;
  startUp: StartUp;
}

/** Returns what gives the champion's metric in ms; 0 where it is no time. */
function metricTime({ unit, better }: ClockTerms): (measured: MeasuredPair) => number {
  const kind = unitKind(unit);
  return ({ pair }) => (kind.kind === 'time' && better === 'lower' ? pair[0] * kind.ms : 0);
}

/** Chooses the clock and the form by the champion's numbers in these pairs. */
function formOf(
  pairs: readonly MeasuredPair[],
  { clock, startUp }: ClockTerms,
  metricMs: (measured: MeasuredPair) => number,
): ClockForm {
  const middle = (value: (measured: MeasuredPair) => number) => median(pairs.map(value));
  const champion = {
    metricMs: middle(metricMs),
    cpuMs: middle(({ cpuMs }) => cpuMs[0]),
    wallMs: middle(({ wallMs }) => wallMs[0]),
  };
  const { isWall, ms, startUpMs } = askedClock(champion, { clock, startUp });
  const isTotal = champion.metricMs > totalShare * worked(ms, startUpMs);
  return { isWall, totalMs: isTotal ? champion.metricMs : null, startUp };
}

/**
 * Returns the clock that is asked, with its times of a run and of its start-up, in ms. A metric that is longer than the
 * CPU time of its process is wall time.
 * @param run metricMs: 0 where the metric is no time
 */
export function askedClock(
  { metricMs, cpuMs, wallMs }: StartUp & { metricMs: number },
  { clock, startUp }: Pick<ClockTerms, 'clock' | 'startUp'>,
): { isWall: boolean; ms: number; startUpMs: number } {
  const isWall = clock === 'wall' || metricMs > cpuMs;
  return isWall ? { isWall, ms: wallMs, startUpMs: startUp.wallMs } : { isWall, ms: cpuMs, startUpMs: startUp.cpuMs };
}

function worked(ms: number, startUpMs: number): number {
  return Math.max(ms - startUpMs, ms * workShare);
}

/**
 * Log ratio of a pair by the loop's clock. Of a total time: the time saved, over the champion's metric. Else: the
 * clock's time after start-up.
 */
function clockSample(measured: MeasuredPair, { isWall, totalMs, startUp }: ClockForm): number {
  const [times, startUpMs]: [Pair, number] =
    isWall || measured.cpuMs.some((ms) => ms <= 0)
      ? [measured.wallMs, startUp.wallMs]
      : [measured.cpuMs, startUp.cpuMs];
  if (totalMs === null) return Math.log(worked(times[1], startUpMs) / worked(times[0], startUpMs));
  const saved = (times[0] - times[1]) / totalMs;
  const gained = Math.log1p(-Math.min(Math.abs(saved), maxSaved));
  // Bets take a loss for as much as an equal gain, so that no noise looks like one; what is told is the loss itself.
  return saved >= 0 ? gained : Math.min(-gained, Math.max(clipScale, Math.log1p(-saved)));
}

/** Sums up metric and clock, of two clocks the one that saw less; null where none was asked. */
export function corroborate(
  pairs: readonly MeasuredPair[],
  policy: DecisionPolicy,
  clock: ClockTerms | null,
): Corroboration | null {
  const [metric, ...clocks] = viewsOf(pairs, policy, clock);
  if (!clock || clocks.length === 0) return null;
  const { view: seen, middle } = leastOf(clocks);
  const isLess = showsLoss(seen.map((sample, index) => sample - metric![index]!));
  const { middle: claimed } = leastOf([metric!]);
  const isByWall = seen !== clocks[0] && { isByWall: true as const };
  return { ...clock, claimed: toRatio(claimed), seen: toRatio(middle), isLess, ...isByWall };
}

/** One line for people on a gain that the clock did not see: both figures, the clock, and what may be done. */
export function uncorroboratedDetail({ clock, claimed, seen, better, isByWall }: Corroboration): string {
  const name = clock === 'cpu' && !isByWall ? 'CPU time' : 'wall time';
  const setting = clock === 'cpu' ? '"wall" if waiting is the point, or to "none"' : '"none"';
  const why = isByWall ? ', since CPU time can be hidden from polled limits' : '';
  return [
    `benchmark.clock: the metric claims ${gain(claimed, { better })}, and the loop's own clock (${name} of the command${why})`,
    `saw ${gain(seen, { better })}; let the benchmark do a fixed amount of work and repeat it until it is most of the`,
    `run, set benchmark.clock to ${setting} if no clock can see the metric`,
  ].join(' ');
}
