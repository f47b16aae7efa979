import type { RecordedVerdict } from './decision.ts';
import { corroborate, uncorroboratedDetail, type Corroboration } from './corroboration.ts';
import { bar } from './decision.ts';
import { judgeUnseeded, type UnseededPairs } from './integrity/unseeded.ts';
import { gain, percent } from './gain.ts';
import type { Evidence, Objection, SideEvidence } from '../ledger/record.ts';
import type { MeasuredPair } from './pair.ts';
import { judgeSide } from './side-metric.ts';
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
  /** The side metrics that were measured, in the config's order. */
  side: readonly SideMeasurement[];
}

type SideMeasurement = Omit<SideEvidence, 'verdict' | 'estimate'>;

/** Says of measurements what the loop says; the same for the same measurements, wherever they are kept. */
export function judge({ pairs, unseeded, side, ...terms }: Measurements): Judgement {
  const verdict = toVerdict(pairs, terms);
  const corroboration = corroborate(toldPairs(pairs, verdict), terms.policy, terms.clock);
  const judged = side.map(withVerdict);
  const { verdict: answer, reported } = verdict;
  const without = answer === 'accepted' && unseeded ? judgeUnseeded(unseeded.pairs, reported.ratio, terms) : null;
  const objection = without?.objection ?? objectionTo(verdict, corroboration, judged);
  return { verdict, corroboration, side: judged, objection };
}

/** The same from a ledger's evidence. */
export function judgeEvidence({ pairs, fresh, policy, corroboration: clock, unseeded, side }: Evidence): Judgement {
  return judge({ pairs: [...pairs, ...fresh], policy, clock, unseeded, side });
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
    const bad = side.find((metric) => metric.verdict === 'worse' || metric.verdict === 'undecided');
    return bad ? { reason: 'side-metric-worse', detail: sideDetail(bad) } : null;
  }
  // The metric alone claims enough: what is missing is what the clock saw.
  const isClaimOnly = corroboration && corroboration.claimed <= bar(verdict) && reported.ratio > bar(verdict);
  return isClaimOnly ? { reason: 'uncorroborated', detail: uncorroboratedDetail(corroboration) } : shortfallOf(verdict);
}

function sideDetail({ name, verdict, estimate, better, worstAllowed, pairs }: SideEvidence): string {
  const count = pairs.length === 1 ? '1 pair' : `${pairs.length} pairs`;
  const measured = `${gain(estimate, { better })} by the median of ${count}`;
  const allowed = `at most ${percent(worstAllowed)} worse is allowed`;
  return `sideMetrics.${name}: ${measured}; ${allowed}${verdict === 'worse' ? '' : ', and this is not proved'}`;
}
