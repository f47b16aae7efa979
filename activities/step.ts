import { activityInfo, ApplicationFailure, CancelledFailure, log } from '@temporalio/activity';
import type { WithSeconds } from '../domain/steps.ts';
import { withRoom } from './loop/disk-wait.ts';
import { countStep } from './metrics.ts';
import type { Resources } from './loop/resources.ts';

/** What the input of a step may say of itself, for logs: it comes over the wire. */
interface Said {
  loopId?: unknown;
  iteration?: unknown;
  repository?: unknown;
  config?: { repository?: unknown } | null;
}

/** Runs a step as every one is run: where there is room on the disk, timed, counted, and with one line in the log at its end. */
export async function runStep<Out extends object>(
  { dataDirectory, settings, usage }: Resources,
  name: string,
  input: Said,
  run: () => Promise<Out>,
): Promise<WithSeconds<Out>> {
  const began = performance.now();
  const seconds = () => Math.round(performance.now() - began) / 1000;
  const facts = {
    ...(input.loopId !== undefined && { loopId: input.loopId }),
    ...(input.iteration !== undefined && { iteration: input.iteration }),
    step: name,
  };
  try {
    const room = { dataDirectory, minimumMiB: settings.minimumFreeMiB };
    const repository = input.repository ?? input.config?.repository;
    const answer = await withRoom(room, { name, repository }, () =>
      usage.during(typeof input.loopId === 'string' ? input.loopId : name, run),
    );
    const result = resultOf(answer);
    countStep(name, result, seconds(), answer);
    log.info('step', { ...facts, seconds: seconds(), result });
    return { ...answer, seconds: seconds() };
  } catch (error) {
    const result = error instanceof CancelledFailure ? 'cancelled' : 'error';
    countStep(name, result, seconds(), null);
    const type = error instanceof ApplicationFailure ? error.type : (error as Error).name;
    log.warn('step', {
      ...facts,
      seconds: seconds(),
      result,
      attempt: activityInfo().attempt,
      errorType: type,
      error: (error as Error).message,
    });
    throw error;
  }
}

/** In a word, what came of a step: every answer has one by which the loop goes on. */
function resultOf(answer: object): string {
  const { reason, objection, verdict, outcome, kind } = answer as Record<string, unknown>;
  const said = [
    reason,
    (objection as { reason?: unknown } | null | undefined)?.reason,
    (verdict as { verdict?: unknown } | null | undefined)?.verdict,
  ];
  return [...said, verdict, outcome, kind].find((word) => typeof word === 'string') ?? 'done';
}
