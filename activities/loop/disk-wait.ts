import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, log } from '@temporalio/activity';
import { freeMiB } from '../../store/disk-space.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { countDiskWait } from '../metrics.ts';
import type { Resources } from './resources.ts';

/** Pause between two looks at the disk, in ms. */
const pollMs = 2_000;
/** Pause before the next attempt where the disk has room by now: what failed may need more than the minimum. */
const otherwiseFull = '10s';

/** A stop must work on a full disk. Reading a profile may last a minute: to wait there would use up its attempts. */
const neverHeldBack: ReadonlySet<string> = new Set(['analyze', 'commit', 'rollback', 'finish']);

/**
 * Runs a step once the disk has room. After a failure for want of room it waits, then fails retryably.
 * @throws ApplicationFailure "DiskFull"
 */
export async function withRoom<T>(
  { dataDirectory, settings: { minimumFreeMiB: minimumMiB } }: Pick<Resources, 'dataDirectory' | 'settings'>,
  step: { name: string; repository: unknown },
  run: () => Promise<T>,
): Promise<T> {
  if (!neverHeldBack.has(step.name)) await waitForRoom(step.name, [dataDirectory], minimumMiB);
  try {
    return await run();
  } catch (error) {
    const wanted = roomWanted(error);
    if (wanted === null) throw error;
    const repository = typeof step.repository === 'string' && step.repository.startsWith('/') ? [step.repository] : [];
    const waited = await waitForRoom(step.name, [dataDirectory, ...repository], Math.max(minimumMiB, wanted));
    const state = waited ? 'there is room again' : 'free some';
    throw ApplicationFailure.create({
      message: `disk: ${step.name} failed for want of room (${(error as Error).message}); ${state}`,
      type: 'DiskFull',
      nonRetryable: false,
      nextRetryDelay: waited ? '1s' : otherwiseFull,
      ...(error instanceof Error && { cause: error }),
    });
  }
}

/** Returns whether it had to wait. The step's cancellation ends the wait. */
async function waitForRoom(step: string, places: readonly string[], neededMiB: number): Promise<boolean> {
  let fullest = await lookAt(places);
  if (fullest.freeMiB >= neededMiB) return false;
  const facts = () => ({ waitingFor: 'disk', path: fullest.path, freeMiB: Math.floor(fullest.freeMiB), neededMiB });
  log.warn('waiting for room on the disk', { step, ...facts() });
  countDiskWait(step);
  await withHeartbeat(async (signal) => {
    while (fullest.freeMiB < neededMiB) {
      await sleep(pollMs, undefined, { signal });
      fullest = await lookAt(places);
    }
  }, facts);
  log.info('there is room on the disk again', { step, ...facts() });
  return true;
}

async function lookAt(places: readonly string[]): Promise<{ path: string; freeMiB: number }> {
  const found = await Promise.all(places.map(async (path) => ({ path, freeMiB: await freeMiB(path) })));
  return found.reduce((fullest, place) => (place.freeMiB < fullest.freeMiB ? place : fullest));
}

/** Reads from a failure the MiB it wants (0: more than there was); null for other failures. */
function roomWanted(error: unknown): number | null {
  // A permanent refusal stays one: a set-up that fills its own scratch space says the same words.
  if (error instanceof ApplicationFailure && error.nonRetryable) return null;
  for (const { code, text } of chain(error)) {
    if (code === 'ENOSPC' || code === 'EDQUOT') return 0;
    const reserve = /less than (\d+) MiB are free on the disk/.exec(text);
    if (reserve) return Number(reserve[1]);
    // A kernel that has no more namespaces says so too.
    if (/No space left on device|Disk quota exceeded/i.test(text) && !/namespace/i.test(text)) return 0;
  }
  return null;
}

/** An error with all that it was caused by; of git, also what it wrote. */
function* chain(error: unknown): Generator<{ code: unknown; text: string }> {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    const { code, stderr = '' } = at as { code?: unknown; stderr?: unknown };
    yield { code, text: `${at.message}\n${typeof stderr === 'string' ? stderr : ''}` };
    if (at instanceof AggregateError) for (const one of at.errors) yield* chain(one);
  }
}
