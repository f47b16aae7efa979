import type { TestAnswer, TestInput } from '../../domain/steps.ts';
import type { StepContext } from '../loop/context.ts';
import { readScreened } from '../record/screened.ts';
import { testCandidate } from '../suites/judge-suite.ts';

/** Runs the tests on the candidate. Visible ones that passed on this tree in its screening count as the first run. */
export async function test(context: StepContext, input: TestInput): Promise<TestAnswer> {
  const screened = await readScreened(context.loop, input);
  return testCandidate(context, input, screened?.where === 'pairs');
}
