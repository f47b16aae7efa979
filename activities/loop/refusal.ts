import { ApplicationFailure } from '@temporalio/activity';
import { isRefName } from '../../domain/loop-id.ts';

/** Ends the loop non-retryably with one line per problem. */
export function refused(...problems: readonly string[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(problems.join('\n'), 'Refused');
}

export function checkSha(field: string, sha: string): void {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) throw refused(`${field}: ${JSON.stringify(sha)} is not an object id`);
}

export function checkLoopId(loopId: string): void {
  if (!isRefName(loopId))
    throw refused(`loop id: ${JSON.stringify(loopId)} is not a valid ref name; give the workflow another id`);
}
