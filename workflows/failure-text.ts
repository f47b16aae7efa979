import { ApplicationFailure } from '@temporalio/workflow';
import type { LastingFault } from '../domain/steps.ts';

/** Returns the innermost message of a failure: Temporal's wrappers ("Activity task failed") tell a person nothing. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? failureText(error.cause) : error.message;
}

const lasting: LastingFault = 'LastingFault';

/** Tells if a step failed for a cause that will not pass by itself. */
export function isLasting(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof ApplicationFailure && error.cause.type === lasting;
}

/** Ends a loop for such a cause; the same command goes on with it once that is mended. */
export function lastingFailure(fault: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(fault, lasting);
}

/** Quotes foreign text for the Temporal UI's Markdown, so that it makes no links, images or markup. */
export function asCode(text: string): string {
  return `\`${text
    .replace(/[`\s]+/g, ' ')
    .trim()
    .slice(0, 300)}\``;
}
