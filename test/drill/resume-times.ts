import type { DrillOutcome } from './drill.ts';

export interface Times {
  count: number;
  /** In seconds. */
  median: number;
  max: number;
}

/** From the kill of a worker to the next start of an activity of the loop at whose step it was killed. */
export function resumeAfterWorker({ struck, executions }: Pick<DrillOutcome, 'struck' | 'executions'>): Times {
  const kills = struck.filter(({ kill }) => kill.victim === 'worker' || kill.victim === 'group');
  return toTimes(kills.map(({ kill, at }) => nextStart(executions, kill.loopId, at) - at));
}

/** Times from a killed server's next answer to the loop's next activity, for kills at the end of a step's work. */
export function resumeAfterServer({
  struck,
  executions,
  serverKills,
}: Pick<DrillOutcome, 'struck' | 'executions' | 'serverKills'>): Times {
  const kills = struck.filter(
    ({ kill }) => kill.victim === 'server' && (kill.at === 'after' || kill.at === 'reported') && kill.step !== 'finish',
  );
  return toTimes(
    kills.flatMap(({ kill, at }) => {
      const server = serverKills.find((one) => one.at >= at);
      return server ? [Math.max(0, nextStart(executions, kill.loopId, at) - server.backAt)] : [];
    }),
  );
}

function nextStart(executions: DrillOutcome['executions'], loopId: string, after: number): number {
  return Math.min(
    ...executions.filter((one) => one.event === 'start' && one.loopId === loopId && one.at > after).map(({ at }) => at),
  );
}

/** The last kill of a loop may have nothing after it. */
function toTimes(ms: readonly number[]): Times {
  const seconds = ms
    .filter(Number.isFinite)
    .map((value) => value / 1_000)
    .sort((a, b) => a - b);
  return { count: seconds.length, median: seconds[Math.floor(seconds.length / 2)] ?? NaN, max: seconds.at(-1) ?? NaN };
}
