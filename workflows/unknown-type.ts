import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { workflowTypes } from '../domain/names.ts';

/** Ends a workflow of a type that is none of these; without it, such a one would wait for ever. */
export function unknownType(): Promise<never> {
  const known = Object.values(workflowTypes).join(', ');
  const fact = `"${workflowInfo().workflowType}" is no workflow type of these workers`;
  return Promise.reject(ApplicationFailure.nonRetryable(`type: ${fact}; give one of ${known}`, 'Refused'));
}
