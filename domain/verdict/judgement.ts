import { corroborate, uncorroboratedDetail, type Corroboration } from './corroboration.ts';
import { bar, type RecordedVerdict } from './decision.ts';
import { judgeUnseeded, type UnseededPairs } from './integrity/unseeded.ts';
import { gain, percent } from './gain.ts';
import type { Evidence, Objection, SideEvidence } from '../ledger/record.ts';
import { memberObjection } from './members.ts';
import type { MeasuredPair } from './pair.ts';
import { sidePowerOf } from './power.ts';
import { judgeSide, sideLogRatio } from './side-metric.ts';
import { shortfallOf } from './shortfall.ts';
import { toldPairs, toVerdict, type JudgeTerms } from './verdict.ts';

/** Everything that is said of a candidate's measurements. */
export interface Judgement {
  verdict: RecordedVerdict;
  /** Null where no clock is asked. */
  corroboration: Corroboration | null;
  side: SideEvidence[];
  objection: Objection | null;
}

/** Measurements of a candidate, before any verdict. */
export interface Measurements extends JudgeTerms {
  /** Those of the decision, then the fresh ones. */
  pairs: readonly MeasuredPair[];
  /** Null where nothing was measured without BENCH_SEED. */
  unseeded: UnseededPairs | null;
  floor?: number | undefined;
  /** The side metrics that were measured, in the config's order. */
  side: readonly SideMeasurement[];
}

type SideMeasurement = Omit<SideEvidence, 'verdict' | 'estimate'>;

/** Says of measurements what the loop says; the same for the same measurements, wherever they are kept. */
export function judge({ pairs, unseeded, floor, side, ...terms }: Measurements): Judgement {
  const verdict = toVerdict(pairs, terms);
  const corroboration = corroborate(toldPairs(pairs, verdict), terms.policy, terms.clock);
  const judged = side.map(withVerdict);
  const { verdict: answer, reported } = verdict;
  const without = answer === 'accepted' && unseeded ? judgeUnseeded(unseeded.pairs, reported.ratio, terms) : null;
  const { noise } = terms.policy;
  const isSuite = answer === 'accepted' && floor !== undefined;
  const paid = isSuite ? memberObjection(pairs, { noise, worstAllowed: floor }) : null;
  const objection = without?.objection ?? paid ?? objectionTo(verdict, corroboration, judged);
  return { verdict, corroboration, side: judged, objection };
}

/** The same from a ledger's evidence. */
export function judgeEvidence({
  pairs,
  fresh,
  policy,
  corroboration: clock,
  unseeded,
  floor,
  side,
}: Evidence): Judgement {
  return judge({ pairs: [...pairs, ...fresh], policy, clock, unseeded, floor, side });
}

function withVerdict(metric: SideMeasurement): SideEvidence {
  const samples = metric.pairs.map(({ pair }) => pair);
  const { verdict, estimate } = judgeSide(samples, metric);
  return { ...metric, verdict, estimate };
}

function objectionTo(
  verdict: RecordedVerdict,
  corroboration: Corroboration | null,
  side: readonly SideEvidence[],
): Objection | null {
  const { verdict: answer, reported } = verdict;
  if (answer === 'accepted') {
    const bad = side.find((metric) => metric.verdict === 'worse' || metric.verdict === 'unknown');
    if (!bad) return null;
    return { reason: bad.verdict === 'worse' ? 'side-metric-worse' : 'side-metric-unknown', detail: sideDetail(bad) };
  }
  // The metric alone claims enough, and the clock is not only noisier: it saw less.
  const isClaimOnly = corroboration?.isLess && corroboration.claimed <= bar(verdict) && reported.ratio > bar(verdict);
  return isClaimOnly ? { reason: 'uncorroborated', detail: uncorroboratedDetail(corroboration) } : shortfallOf(verdict);
}

function sideDetail(metric: SideEvidence): string {
  const { name, verdict, estimate, better, worstAllowed, pairs } = metric;
  const count = pairs.length === 1 ? '1 pair' : `${pairs.length} pairs`;
  // What is worse than allowed is shown with as many digits as tell the two apart.
  const shown = (digits: number) => gain(estimate, { better }, digits);
  const digits = [1, 2, 3, 4].find((each) => !shown(each).startsWith(percent(worstAllowed, each))) ?? 5;
  const change = shown(digits);
  const allowed = `at most ${percent(worstAllowed, digits)} worse is allowed`;
  if (verdict === 'worse') return `sideMetrics.${name}: ${change} by the median of ${count}; ${allowed}`;
  const fact = `not known after ${count} whether it is within the bound (${change} by the median, ${allowed})`;
  return `sideMetrics.${name}: ${fact}; ${sideRemedy(metric)}`;
}

/** Names the bound that the noise of these pairs can hold, if it is what kept the answer from being known. */
function sideRemedy({ pairs, estimate, ...policy }: SideEvidence): string {
  const noise = pairs.map(({ pair }) => sideLogRatio(pair, policy.better) - Math.log(estimate));
  const { holds } = sidePowerOf(noise, policy);
  if (holds === null) return 'measure it with less noise: this one can hold no bound';
  if (holds <= policy.worstAllowed) return 'it lies near the bound: allow more (worstAllowed), or leave it';
  return `measure it with less noise, or raise worstAllowed: this noise can hold ${percent(holds, 0)}`;
}
