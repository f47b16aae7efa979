import { screenedText } from '../../domain/ledger/screened.ts';
import { line, toLine, type CleanLine } from '../../domain/text.ts';
import type { IterationEvent, LoopEvent, StartedEvent, StepEvent } from '../loops/events.ts';
import type { Progress, Tone } from './progress.ts';

/** Draws an event: the step under way in place, all else as lines that stay. */
export function drawEvent(progress: Progress, event: LoopEvent): void {
  if (event.type === 'started') startedLines(event).forEach((text) => progress.line(text));
  if (event.type === 'prepared') {
    event.facts.forEach((fact) => progress.line(line`  ${fact}`));
    event.notes.forEach((note) => progress.line(line`note      ${note}`, 'doubt'));
  }
  if (event.type === 'step') progress.step(stepText(event), doingText(event));
  if (event.type === 'iteration') progress.line(iterationText(event), tones[event.outcome]);
}

const tones: Record<IterationEvent['outcome'], Tone> = { committed: 'good', rolledBack: 'plain', failed: 'bad' };

function startedLines({ loopId, continued, after, address, ui, data, ...event }: StartedEvent): CleanLine[] {
  const next = `to build on what that one gained give --base karpathy-loop/${after}`;
  return [
    line`loop      ${loopId}${continued ? ', going on where it was' : ''}`,
    ...(after && !continued ? [line`note      ${after} has ended: this is a new loop from its base; ${next}`] : []),
    line`temporal  ${address}${event.startedServer ? (event.keptByDaemon ? ', kept by the daemon' : ', started for this run') : ''}`,
    ...(ui ? [line`ui        ${ui}`] : []),
    line`worker    ${event.queue}${event.startedWorker ? '' : ', already running, which keeps its own settings'}`,
    line`data      ${data} (worker.log, and temporal.log of a server started here)`,
  ];
}

/** "3/8  benchmark: Set BLOCK to 64", and the host that was lost. @internal */
export function stepText({ iteration, iterations, step, title, doing, ...event }: StepEvent): CleanLine {
  if (step === 'preparing') return line`preparing: ${toLine(doing ?? 'base, setup, tests, benchmark')}`;
  if (step === 'stopping') return line`stopping: base against champion, measured afresh`;
  if (step === 'paused') return line`paused`;
  const lost = event.hostLost ? `; ${toLine(event.hostLost, 200)}` : '';
  const repair = event.repairOf ? `, repair after ${event.repairOf}` : '';
  return line`${place(iteration, iterations)}  ${step}${repair}${title ? `: ${toLine(title, 100)}` : ''}${lost}`;
}

/** What a step of an iteration does now: "pair 7 of at most 60". @internal */
export function doingText({ step, doing }: StepEvent): CleanLine | null {
  return doing === null || step === 'preparing' ? null : toLine(doing);
}

/** Both in one line, where nothing is drawn in place. */
export function wholeStepText(step: StepEvent): CleanLine {
  const doing = doingText(step);
  return doing ? line`${stepText(step)}; ${doing}` : stepText(step);
}

/** "3/8  committed: 12.3 % better (95 % …, 8 pairs), Set BLOCK to 64" */
function iterationText({ iteration, iterations, outcome, reason, title, detail, ...event }: IterationEvent): CleanLine {
  const { measured, screened } = event;
  // The class alone of a failure tells nobody what to do.
  const cause = outcome === 'failed' && detail ? `: ${toLine(detail, 200)}` : '';
  const told = [reason && `${reason}${cause}`, measured].filter(Boolean).join(', ');
  const facts = `${outcome}${told ? `: ${told}` : ''}${title ? `, ${toLine(title, 100)}` : ''}`;
  const beside = screened ? `; without a verdict ${screenedText(screened)}` : '';
  return line`${place(iteration, iterations)}  ${facts}${beside}`;
}

/** Gives "3/8", padded so that lines align. */
function place(iteration: number, iterations: number): string {
  return `${String(iteration).padStart(String(iterations).length)}/${iterations}`;
}
