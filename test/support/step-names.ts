import type { StepName } from '../../domain/steps.ts';

/** All steps, in their order. */
export const stepNames = 'collect analyze hypothesize screen apply test benchmark challenge commit rollback'.split(
  ' ',
) as StepName[];
