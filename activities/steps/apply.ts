import type { ApplyAnswer, ApplyInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { applyHypothesis } from '../edits/apply-hypothesis.ts';

/** Applies the hypothesis and builds the candidate. */
export function apply(context: StepContext, input: ApplyInput): Promise<ApplyAnswer> {
  return applyHypothesis(context, input);
}
