import { setTimeout as sleep } from 'node:timers/promises';
import { expire, noteDeath, noteHealth, type Self } from '../../domain/adoption/selves.ts';
import { line, type CleanLine } from '../../domain/text.ts';
import { changeSelves } from '../../ledger/selves.ts';
import { recordReturn } from './record-return.ts';
import { readSelves } from '../../store/selves.ts';
import { startWorker, type WorkerOptions, type WorkerProcess } from '../backend/worker-process.ts';

const pollMs = 500;
/** Time after which earlier crashes count no more. */
const healthyMs = 600_000;

/**
 * Starts the worker of the build that works, and replaces it when that changes, crashes or is not confirmed.
 * @returns null where another process has the data directory
 */
export async function startSelf(
  options: Omit<WorkerOptions, 'self'>,
  say: (text: CleanLine) => void,
): Promise<WorkerProcess | null> {
  const { data } = options;
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let running = await startCurrent(options, say);
  if (running === null) return null;
  const first = running.worker;
  const keep = async (): Promise<number | null | undefined> => {
    for (;;) {
      const { self, worker } = running!;
      const end = await endOf(data, running!, closing.signal);
      if (isClosing()) return end.code;
      if (end.isReplaced) await worker.stop();
      // The code that the command line belongs to has a keeper of its own.
      else if (self === null) return end.code;
      else await bury(data, end.code === null ? 'by a signal' : `with exit code ${end.code}`);
      running = await startCurrent(options, say);
      if (running === null) return undefined;
      // Somebody may have asked for the end while none ran.
      if (isClosing()) await running.worker.stop();
      say(line`worker    now runs ${running.self?.commit.slice(0, 12) ?? 'the code of this command line'}`);
    }
  };
  const ended = keep();
  ended.catch(() => undefined);
  const stop = async () => {
    closing.abort();
    await running?.worker.stop();
    await ended.catch(() => undefined);
  };
  return { ...first, ended, stop };
}

interface RunningSelf {
  self: Self | null;
  worker: WorkerProcess;
}

/** Starts the current build's worker; one that cannot start counts as a crash, until the last good one starts. */
async function startCurrent(
  options: Omit<WorkerOptions, 'self'>,
  say: (text: CleanLine) => void,
): Promise<RunningSelf | null> {
  for (;;) {
    const self = (await changeSelves(options.data, (selves) => expire(selves, Date.now())))?.current ?? null;
    try {
      const worker = await startWorker({ ...options, self });
      return worker && { self, worker };
    } catch (error) {
      if (self === null) throw error;
      say(line`worker    ${self.commit.slice(0, 12)} does not start: ${(error as Error).message}`);
      await bury(options.data, `before it was ready (${(error as Error).message})`);
    }
  }
}

/** Counts a crash, and waits a moment before the next start. */
async function bury(data: string, how: string): Promise<void> {
  const { current } = await readSelves(data);
  const selves = await changeSelves(data, (before) => noteDeath(before, how));
  const { fallen = null, deaths = 0 } = selves ?? {};
  // On trial, the adoption itself records it.
  if (current && fallen?.adoption === null && selves?.current?.commit !== current.commit)
    await recordReturn(data, { judge: current.commit, reason: fallen.reason });
  await sleep(deaths * 500);
}

/** Waits until the worker ends, or another build is to work. */
async function endOf(
  data: string,
  { self, worker }: RunningSelf,
  closing: AbortSignal,
): Promise<{ isReplaced: boolean; code?: number | null | undefined }> {
  const began = Date.now();
  const ended = worker.ended.then((code) => ({ isReplaced: false, code }));
  for (;;) {
    const end = await Promise.race([ended, sleep(pollMs)]);
    if (end || closing.aborted) return end ?? ended;
    const { current, trial, deaths } = await readSelves(data);
    const isOver = trial !== null && Date.now() > Date.parse(trial.deadline);
    if (isOver) await changeSelves(data, (selves) => expire(selves, Date.now()));
    if (deaths > 0 && Date.now() - began > healthyMs) await changeSelves(data, noteHealth);
    if (!isOver && current?.commit !== self?.commit) return { isReplaced: true };
  }
}
