import { proxyActivities } from '@temporalio/workflow';
import type { Checks, DoctorAnswer, DoctorInput, VerifyAnswer, VerifyInput } from '../domain/checks.ts';
import { checkOptions } from './activity-options.ts';

/** Measures a commit against its parent, for a person; the repository stays as it is. */
export async function karpathyVerify(input: VerifyInput): Promise<VerifyAnswer> {
  return proxyActivities<Checks>(checkOptions('measure a commit against its parent')).verify(input);
}

/** Runs a loop's benchmark on its base again and again, for a person; the repository stays as it is. */
export async function karpathyDoctor(input: DoctorInput): Promise<DoctorAnswer> {
  return proxyActivities<Checks>(checkOptions('measure the base against itself')).doctor(input);
}
