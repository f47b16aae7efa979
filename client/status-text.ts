import { oneLine } from '../domain/text.ts';
import type { LoopStatus } from '../workflows/messages.ts';

/** A loop's status for people. @param step what is under way, where it is known */
export function renderStatus(status: LoopStatus, step: string | null): string {
  const { loopId, phase, stop, iteration, iterations, committed, rolledBack, failed, tokens, hours, champion, model, last } = status;
  const rows: [string, string | null][] = [
    ['loop', `${loopId}: ${phase}${stop ? ` (${stop})` : ''}${iterations > 0 ? `, iteration ${iteration} of ${iterations}` : ''}`],
    ['now', step],
    ['so far', `${committed} committed, ${rolledBack} rolled back, ${failed} failed; ${tokens} tokens, ${hours.toFixed(2)} h`],
    ['champion', champion],
    ['model', model && oneLine(model)],
    ['last', last && `${last.iteration}: ${last.reason ?? last.outcome}${last.title ? `, ${oneLine(last.title, 100)}` : ''}`],
  ];
  return rows.flatMap(([name, text]) => (text ? [`${name.padEnd(8)}  ${text}\n`] : [])).join('');
}
