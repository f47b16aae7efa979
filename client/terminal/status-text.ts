import { toBlock, toLine, type CleanText } from '../../domain/text.ts';
import type { LoopStatus } from '../../workflows/messages.ts';

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
    ['in total', status.headline],
    ['champion', status.champion],
    ['model', status.model && toLine(status.model)],
    ['hint', status.hint && toLine(status.hint, 500)],
    [
      'last',
      last && `${last.iteration}: ${[last.reason ?? last.outcome, last.measured].filter(Boolean).join(', ')}${title}`,
    ],
    ...status.ignored.map((why): [string, string] => ['ignored', toLine(why)]),
  ];
  return toBlock(rows.flatMap(([name, text]) => (text ? [`${name.padEnd(8)}  ${text}\n`] : [])).join(''));
}
