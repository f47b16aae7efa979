import { viewsOf } from '../../verdict/corroboration.ts';
import { applyRuleTo } from '../../verdict/decision.ts';
import type { MeasuredPair } from '../../verdict/pair.ts';
import type { JudgeTerms } from '../../verdict/verdict.ts';

/** Natural logs of the two capitals of a decision, after each of its pairs. */
export interface CapitalPath {
  /** Against "no gain". */
  real: number[];
  /** Against the bar. */
  atBar: number[];
}

/** Follows a decision from pair to pair, to its stop; an exact metric has no capital. */
export function capitalPath(pairs: readonly MeasuredPair[], { policy, clock }: JudgeTerms): CapitalPath {
  const path: CapitalPath = { real: [], atBar: [] };
  if (policy.noise === 'exact') return path;
  const views = viewsOf(pairs, policy, clock);
  for (let used = 1; used <= pairs.length; used++) {
    const sofar = views.map((view) => view.slice(0, used));
    const { verdict, logCapitalReal, logCapitalBar } = applyRuleTo(sofar, policy).decision;
    path.real.push(logCapitalReal);
    path.atBar.push(logCapitalBar);
    if (verdict !== 'continue') break;
  }
  return path;
}
