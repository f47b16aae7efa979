import { proxyActivities } from '@temporalio/workflow';
import type { Checks, DoctorAnswer, DoctorInput, VerifyAnswer, VerifyInput } from '../domain/checks.ts';
import { unboundedOptions } from './activity-options.ts';

/** Measures a commit against its parent, for a person; the repository stays as it is. */
export async function karpathyVerify(input: VerifyInput): Promise<VerifyAnswer> {
  return proxyActivities<Checks>(unboundedOptions('measure a commit against its parent')).verify(input);
}

/** Repeats a loop's benchmark on its base, for a person; the repository stays as it is. */
export async function karpathyDoctor(input: DoctorInput): Promise<DoctorAnswer> {
  return proxyActivities<Checks>(unboundedOptions('measure the base against itself')).doctor(input);
}
