import { line, toBlock, toLine, type CleanLine, type CleanText } from '../../domain/text.ts';
import type { IterationStatus, LoopStatus } from '../../workflows/messages.ts';

/** Renders a loop's status for people. @param step the step under way, where it is known */
export function renderStatus(status: LoopStatus, step: string | null): CleanText {
  const { phase, stop, iteration, iterations, last } = status;
  const reason = stop ? ` (${stop})` : '';
  const where = iterations > 0 ? `, iteration ${iteration} of ${iterations}` : '';
  const outcomes = `${status.committed} committed, ${status.rolledBack} rolled back, ${status.failed} failed`;
  const title = last?.title ? `, ${toLine(last.title, 100)}` : '';
  const rows: [string, string | null][] = [
    ['loop', `${status.loopId}: ${phase}${reason}${where}`],
    ['now', step],
    ['so far', `${outcomes}; ${status.tokens} tokens, ${status.hours.toFixed(2)} h`],
    ['champion', status.champion],
    ['model', status.model && toLine(status.model)],
    ['hint', status.hint && toLine(status.hint, 500)],
    ['last', last && `${last.iteration}: ${last.reason ?? last.outcome}${title}`],
  ];
  return toBlock(rows.flatMap(([name, text]) => (text ? [`${name.padEnd(8)}  ${text}\n`] : [])).join(''));
}

/** Renders "3/8  benchmark: Set BLOCK to 64", and the host that was lost. @param step null where no worker answers */
export function renderStep(
  { iteration, iterations, phase }: Pick<LoopStatus, 'iteration' | 'iterations' | 'phase'>,
  step: IterationStatus | null,
): CleanLine {
  const title = step?.title ? `: ${toLine(step.title, 100)}` : '';
  const lost = step?.hostLost ? `; ${toLine(step.hostLost, 200)}` : '';
  return line`${place(iteration, iterations)}  ${step?.state ?? phase}${title}${lost}`;
}

/** Gives "3/8", padded so that lines align. */
export function place(iteration: number, iterations: number): string {
  return `${String(iteration).padStart(String(iterations).length)}/${iterations}`;
}
