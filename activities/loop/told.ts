import { withoutChosenText } from '../../domain/protection/held-out.ts';
import type { OpenLoop } from './open-loop.ts';

/**
 * Returns what may be told of a run that failed. Where tests are held out that is nothing that its program chose: the
 * guard's run can tell later runs, by the page cache and by time, what it has read.
 * @param problem a line of the loop's own, then the output
 */
export function told({ grants }: Pick<OpenLoop, 'grants'>, problem: string): string {
  return grants.guard ? withoutChosenText(problem) : problem;
}
