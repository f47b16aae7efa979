import { corroborate, uncorroboratedDetail, type ClockTerms, type Corroboration } from './corroboration.ts';
import type { DecisionPolicy } from './decision.ts';
import { gain, percent } from './gain.ts';
import type { Evidence, Objection, RecordedVerdict, SideEvidence } from '../ledger/record.ts';
import type { MeasuredPair } from './pair.ts';
import { judgeSide } from './side-metric.ts';
import { toVerdict } from './verdict.ts';

/** Everything that is said of a candidate's measurements. */
export interface Judgement {
  verdict: RecordedVerdict;
  /** For an accepted verdict where a clock is asked; else null. */
  corroboration: Corroboration | null;
  side: SideEvidence[];
  objection: Objection | null;
}

/** Measurements of a candidate, before any verdict. */
export interface Measurements {
  /** Those of the decision, then the fresh ones. */
  pairs: readonly MeasuredPair[];
  policy: DecisionPolicy;
  /** null where no clock of the loop's own is asked for the gain. */
  clock: ClockTerms | null;
  /** The side metrics that were measured, in the config's order. */
  side: readonly SideMeasurement[];
}

type SideMeasurement = Omit<SideEvidence, 'verdict' | 'estimate'>;

/** Says of measurements what the loop says; the same for the same measurements, wherever they are kept. */
export function judge({ pairs, policy, clock, side }: Measurements): Judgement {
  const verdict = toVerdict(pairs, policy);
  const corroboration = verdict.verdict === 'accepted' && clock ? corroborate(pairs, clock) : null;
  const judged = side.map(withVerdict);
  return { verdict, corroboration, side: judged, objection: objectionTo(verdict, corroboration, judged) };
}

/** The same from a ledger's evidence. */
export function judgeEvidence({ pairs, fresh, policy, unit, corroboration, side }: Evidence): Judgement {
  const startUpMs = corroboration?.startUpMs ?? 0;
  const startUp = { cpuMs: startUpMs, wallMs: startUpMs };
  const clock = corroboration && { clock: corroboration.clock, unit, better: policy.better, startUp };
  return judge({ pairs: [...pairs, ...fresh], policy, clock, side });
}

function withVerdict(metric: SideMeasurement): SideEvidence {
  const samples = metric.pairs.map(({ pair }) => pair);
  const { verdict, estimate } = judgeSide(samples, metric);
  return { ...metric, verdict, estimate };
}

function objectionTo(
  { verdict }: RecordedVerdict,
  corroboration: Corroboration | null,
  side: readonly SideEvidence[],
): Objection | null {
  if (verdict !== 'accepted') return null;
  if (corroboration && !corroboration.corroborated)
    return { reason: 'uncorroborated', detail: uncorroboratedDetail(corroboration) };
  const bad = side.find((metric) => metric.verdict === 'worse' || metric.verdict === 'undecided');
  return bad ? { reason: 'side-metric-worse', detail: sideDetail(bad) } : null;
}

function sideDetail({ name, verdict, estimate, better, worstAllowed, pairs }: SideEvidence): string {
  const count = pairs.length === 1 ? '1 pair' : `${pairs.length} pairs`;
  const measured = `${gain(estimate, better)} by the median of ${count}`;
  const allowed = `at most ${percent(worstAllowed)} worse is allowed`;
  return `sideMetrics.${name}: ${measured}; ${allowed}${verdict === 'worse' ? '' : ', and this is not proved'}`;
}
