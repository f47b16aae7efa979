import { setCurrentDetails, upsertMemo, workflowInfo } from '@temporalio/workflow';
import { iterationId } from '../../domain/names.ts';
import { asCode } from '../failure-text.ts';
import { statusOf, type LoopState } from '../loop-state.ts';
import type { EndedIteration, LoopStatus } from '../messages.ts';

/** Shows the loop in the Temporal UI, as Markdown; a worker has to answer for that. */
export function show(loop: LoopState): void {
  setCurrentDetails(storyOf(statusOf(loop)));
}

/** Leaves on the server what the loop has reached, so that it can be read while no worker runs. */
export function leaveMemo(loop: LoopState): void {
  const { notes, summary, ...status } = statusOf(loop);
  upsertMemo({ repository: status.repository, status: { ...status, summary: null, notes: [] } satisfies LoopStatus });
}

function storyOf(status: LoopStatus): string {
  const { phase, iteration, iterations, champion, branch, headline, recent, stop, hint, ignored } = status;
  const counts = `${status.committed} committed, ${status.rolledBack} rolled back, ${status.failed} failed`;
  const progress = iterations > 0 ? `: ${linkTo(status, iteration, `iteration ${iteration} of ${iterations}`)}` : '';
  const lines = [
    `**${phase}**${stop ? ` (${stop})` : ''}${progress}${iterations > 0 ? `; ${counts}` : ''}`,
    headline && `In total: **${headline}**`,
    champion && `Champion: ${asCode(champion.slice(0, 12))}${branch ? ` on branch ${asCode(branch)}` : ''}`,
    recent.length > 0 && tableOf(status),
    hint && `Hint: ${asCode(hint)}`,
    ignored.length > 0 && `Signals not taken: ${ignored.map((why) => asCode(why)).join(', ')}`,
    status.summary,
    ...status.notes.map((note) => asCode(note)),
  ];
  return lines.filter(Boolean).join('\n\n');
}

/** The newest first. */
function tableOf(status: LoopStatus): string {
  const row = ({ iteration, outcome, reason, measured, title, detail }: EndedIteration): string => {
    const told = title ? inCell(title) : detail ? inCell(detail) : '(none)';
    const result = outcome === 'committed' ? '**committed**' : `${outcome}: ${reason}`;
    return `| ${linkTo(status, iteration, String(iteration))} | ${result} | ${measured ?? ''} | ${told} |`;
  };
  return ['| # | outcome | measured | hypothesis |', '|---|---|---|---|', ...status.recent.toReversed().map(row)].join(
    '\n',
  );
}

/** A model's words may hold what ends a cell. */
function inCell(text: string): string {
  return asCode(text.slice(0, 100)).replaceAll('|', '\\|');
}

function linkTo({ loopId }: LoopStatus, iteration: number, text: string): string {
  return iteration > 0 ? pageLink(iterationId(loopId, iteration), text) : text;
}

/** A link to a workflow's page in the same UI. */
export function pageLink(workflowId: string, text: string): string {
  return `[${text}](/namespaces/${encodeURIComponent(workflowInfo().namespace)}/workflows/${encodeURIComponent(workflowId)})`;
}
