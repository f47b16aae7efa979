import type { TestAnswer, TestInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { testCandidate } from '../suites/judge-suite.ts';

/** Runs the tests on the candidate. */
export function test(context: StepContext, input: TestInput): Promise<TestAnswer> {
  return testCandidate(context, input);
}
