import { ApplicationFailure, log, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { statusOf, type LoopState } from './loop-state.ts';
import {
  hintSignal,
  hintUpdate,
  pauseSignal,
  pauseUpdate,
  resumeSignal,
  resumeUpdate,
  statusQuery,
  stopSignal,
  stopUpdate,
  type LoopStatus,
} from './messages.ts';

/** Input of a request; only `stop` and `hint` read it. */
type Input = [{ now?: boolean; text?: string }?];

interface Request {
  /** Returns one line if the request cannot be taken now, else null. */
  refusal(...input: Input): string | null;
  take(...input: Input): void;
  /** Shown in the Temporal UI. */
  description: string;
}

/**
 * Answers the loop's query, updates and signals. A signal does nothing where its update is refused.
 * @param stopNow cancels the iteration under way
 */
export function listen(loop: LoopState, { stopNow, show }: { stopNow: () => void; show: () => void }): void {
  const { pause, resume, stop, hint } = requests(loop, stopNow);
  // A signal has no answer: what becomes of it stands in the details and in the worker's log.
  const ignore = (why: string): void => {
    loop.ignored = [...loop.ignored, why].slice(-3);
    log.warn('signal not taken', { why });
    show();
  };
  setHandler(statusQuery, () => statusOf(loop), { description: 'Where the loop is and what it has reached' });
  for (const [request, update, signal] of [
    [pause, pauseUpdate, pauseSignal],
    [resume, resumeUpdate, resumeSignal],
    [stop, stopUpdate, stopSignal],
    [hint, hintUpdate, hintSignal],
  ] as const) {
    const { description } = request;
    const take = (...input: Input): LoopStatus => {
      request.take(...input);
      show();
      return statusOf(loop);
    };
    const validator = (...input: Input): void => {
      const refusal = request.refusal(...input);
      if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'Refused');
    };
    const takeIfAllowed = (...input: Input): void => {
      const refusal = request.refusal(...input);
      if (refusal === null) take(...input);
      else ignore(refusal);
    };
    setHandler(update as typeof stopUpdate, take, { validator, description });
    setHandler(signal as typeof stopSignal, takeIfAllowed, { description: `${description} (no answer)` });
  }
  setDefaultSignalHandler((name) =>
    ignore(`${name.slice(0, 60)}: is no signal of a loop; give pause, resume, stop or hint`),
  );
}

function requests(loop: LoopState, stopNow: () => void): Record<'pause' | 'resume' | 'stop' | 'hint', Request> {
  return {
    pause: {
      refusal: () =>
        loop.paused ? 'pause: the loop is paused already; resume it to go on' : overRefusal('pause', loop),
      take: () => void (loop.paused = true),
      description: 'Pause before the next iteration',
    },
    resume: {
      refusal: () =>
        overRefusal('resume', loop) ?? (loop.paused ? null : 'resume: the loop is not paused; there is nothing to do'),
      take: () => void (loop.paused = false),
      description: 'Go on after a pause',
    },
    stop: {
      refusal: (input) => (loop.ended ? overRefusal('stop', loop) : stopInputProblem(input)),
      take: (input) => {
        loop.stopRequested = true;
        if (input?.now) stopNow();
      },
      description: 'End after this iteration, or at once with {"now": true}',
    },
    hint: {
      refusal: (input) => overRefusal('hint', loop) ?? hintProblem(input),
      take: (input) => void (loop.hint = input?.text?.trim() || null),
      description:
        'Tell whoever proposes something from the next iteration on: {"text": "…"}; an empty text takes it back',
    },
  };
}

function overRefusal(request: string, { ended, stop, stopRequested }: LoopState): string | null {
  if (ended) return `${request}: the loop has ended; start it again`;
  return stop || stopRequested ? `${request}: the loop is stopping; wait for its end` : null;
}

/** Refuses unknown input: a misread stop would throw away an iteration, or never come. */
function stopInputProblem(input: unknown): string | null {
  if (input === undefined || input === null) return null;
  const { now, ...rest } = typeof input === 'object' ? (input as Record<string, unknown>) : { '': null };
  const understood = (now === undefined || typeof now === 'boolean') && Object.keys(rest).length === 0;
  return understood ? null : 'stop: the input is not understood; give nothing, or {"now": true}';
}

/** Longest hint, in characters: a brief has little room. */
const maxHint = 500;

function hintProblem(input: unknown): string | null {
  const { text, ...rest } = typeof input === 'object' ? ((input ?? {}) as Record<string, unknown>) : { '': null };
  if (typeof text !== 'string' || Object.keys(rest).length > 0)
    return 'hint: the input is not understood; give {"text": "…"}';
  if (text.length > maxHint) return `hint: has ${text.length} characters; give at most ${maxHint}`;
  return /\p{C}/u.test(text) ? 'hint: has a control character or a line end; give plain text in one line' : null;
}
