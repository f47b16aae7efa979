import { proxyActivities } from '@temporalio/workflow';
import type {
  Checks,
  DoctorAnswer,
  DoctorInput,
  PickAnswer,
  PickInput,
  VerifyAnswer,
  VerifyInput,
} from '../domain/checks.ts';
import { unboundedOptions } from './activity-options.ts';

/** Measures a commit against its parent, for a person; the repository stays as it is. */
export async function karpathyVerify(input: VerifyInput): Promise<VerifyAnswer> {
  return proxyActivities<Checks>(unboundedOptions('measure a commit against its parent')).verify(input);
}

/** Puts chosen commits of a loop alone on its base, on a new branch, and measures them together. */
export async function karpathyPick(input: PickInput): Promise<PickAnswer> {
  return proxyActivities<Checks>(unboundedOptions('measure chosen commits together')).pick(input);
}

/** Repeats a loop's benchmark on its base, for a person; the repository stays as it is. */
export async function karpathyDoctor(input: DoctorInput): Promise<DoctorAnswer> {
  return proxyActivities<Checks>(unboundedOptions('measure the base against itself')).doctor(input);
}
