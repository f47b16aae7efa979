import { toLine, line, toBlock, type CleanLine, type CleanText } from '../../domain/text.ts';
import type { IterationStatus, LoopStatus } from '../../workflows/messages.ts';

/** A loop's status for people. @param step what is under way, where it is known */
export function renderStatus(status: LoopStatus, step: CleanLine | null): CleanText {
  const {
    loopId,
    phase,
    stop,
    iteration,
    iterations,
    committed,
    rolledBack,
    failed,
    tokens,
    hours,
    champion,
    model,
    last,
  } = status;
  const rows: [string, CleanLine | '' | null][] = [
    [
      'loop',
      line`${loopId}: ${phase}${stop ? ` (${stop})` : ''}${iterations > 0 ? `, iteration ${iteration} of ${iterations}` : ''}`,
    ],
    ['now', step],
    [
      'so far',
      line`${committed} committed, ${rolledBack} rolled back, ${failed} failed; ${tokens} tokens, ${hours.toFixed(2)} h`,
    ],
    ['champion', champion && toLine(champion)],
    ['model', model && toLine(model)],
    [
      'last',
      last &&
        line`${last.iteration}: ${last.reason ?? last.outcome}${last.title ? `, ${toLine(last.title, 100)}` : ''}`,
    ],
  ];
  return toBlock(rows.flatMap(([name, text]) => (text ? [`${name.padEnd(8)}  ${text}\n`] : [])).join(''));
}

/** "3/8  benchmark: Set BLOCK to 64", and which host was lost on the way. @param step null where its worker does not say */
export function renderStep(
  { iteration, iterations, phase }: Pick<LoopStatus, 'iteration' | 'iterations' | 'phase'>,
  step: IterationStatus | null,
): CleanLine {
  const title = step?.title ? `: ${toLine(step.title, 100)}` : '';
  const lost = step?.hostLost ? `; ${toLine(step.hostLost)}` : '';
  return line`${place(iteration, iterations)}  ${step?.state ?? phase}${title}${lost}`;
}

/** "3/8". */
export function place(iteration: number, iterations: number): string {
  return `${String(iteration).padStart(String(iterations).length)}/${iterations}`;
}
